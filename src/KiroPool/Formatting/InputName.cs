using System.Management.Automation;

namespace KiroPool.Formatting;

/// <summary>Names an input in a few words: a file by its name, an object by its Name.</summary>
internal static class InputName
{
    private const int Most = 40;

    /// <summary>The name of an input; null for one without a name, such as a text.</summary>
    public static string? Of(object? input) => (input is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : input) switch
    {
        null or string or ValueType => null,
        FileSystemInfo file => Display.Line(file.Name, Most),
        PromptResult result => Of(result.GetInput()) ?? $"the answer to #{result.Index}",
        object?[] many => Amount.Of(many.Length, "input"),
        var other => NameOf(PSObject.AsPSObject(other)),
    };

    /// <summary>What a result or its copy is about, if that is not its prompt itself.</summary>
    public static string? OfResult(PSObject result)
    {
        object? input = result.Read("InputObject");
        if (Of(input) is { } name)
            return name;

        // A file becomes its path on its way through a job or a file.
        if (input is not string text || text == result.Read("Prompt") as string)
            return null;
        return Display.Line(CopiedObject.Is(result, typeof(PromptResult).FullName!) && Path.IsPathRooted(text) ? Path.GetFileName(text) : text, Most);
    }

    private static string? NameOf(PSObject value)
    {
        try
        {
            return value.Properties["Name"]?.Value is string { Length: > 0 } name ? Display.Line(name, Most) : null;
        }
        catch (GetValueException)
        {
            // A property of the user's own object that cannot be read names nothing.
            return null;
        }
    }
}
