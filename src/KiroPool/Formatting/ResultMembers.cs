using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace KiroPool.Formatting;

/// <summary>
/// Members of a result that PowerShell has beside the properties of the type: the input as it was piped, and the times as time
/// spans. ConvertTo-Json takes the properties of the type, which are short: the path of a file, and times in seconds. Public
/// only for PowerShell.
/// </summary>
public static class ResultMembers
{
    private static readonly string[] Times = [nameof(Duration), nameof(QueuedFor), nameof(SessionWait), nameof(TimeToFirstText), nameof(AgentDuration)];

    /// <inheritdoc cref="PromptTimes.Duration"/>
    /// <param name="result">A result.</param>
    public static object? Duration(PSObject result) => Of(result)?.Duration;

    /// <inheritdoc cref="PromptTimes.QueuedFor"/>
    /// <param name="result">A result.</param>
    public static object? QueuedFor(PSObject result) => Of(result)?.QueuedFor;

    /// <inheritdoc cref="PromptTimes.SessionWait"/>
    /// <param name="result">A result.</param>
    public static object? SessionWait(PSObject result) => Of(result)?.SessionWait;

    /// <inheritdoc cref="PromptTimes.TimeToFirstText"/>
    /// <param name="result">A result.</param>
    public static object? TimeToFirstText(PSObject result) => Of(result)?.TimeToFirstText;

    /// <inheritdoc cref="PromptTimes.AgentDuration"/>
    /// <param name="result">A result.</param>
    public static object? AgentDuration(PSObject result) => Of(result)?.AgentDuration;

    /// <summary>The type data. A copy in a job or a file has all members.</summary>
    /// <param name="depth">How deep the copy goes.</param>
    internal static TypeData Describe(uint depth)
    {
        var data = new TypeData(typeof(PromptResult))
        {
            SerializationDepth = depth,
            SerializationMethod = "SpecificProperties",
            InheritPropertySerializationSet = false,
            PropertySerializationSet = new PropertySetData([.. typeof(PromptResult).GetProperties().Select(property => property.Name), .. Times]),
        };
        foreach (string name in Times)
            data.Members.Add(name, new CodePropertyData(name, typeof(ResultMembers).GetMethod(name)) { IsHidden = true });
        return data;
    }

    /// <summary>
    /// Gives the result its input as it was piped, where the type has only its path. It is a member of the object itself and not of
    /// its type, so that runspaces without the module have it too.
    /// </summary>
    internal static void AddInput(PromptResult result)
    {
        object? input = result.GetInput();
        if (!ReferenceEquals(input, result.InputObject))
            PSObject.AsPSObject(result).Properties.Add(new PSNoteProperty(nameof(PromptResult.InputObject), input));
    }

    private static PromptResult? Of(PSObject? result) => result?.BaseObject as PromptResult;
}
