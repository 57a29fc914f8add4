using System.Management.Automation;
using KiroPool.Errors;

namespace KiroPool.Binding;

/// <summary>Makes JSON of objects the way users know it: with ConvertTo-Json. Used on the pipeline thread alone.</summary>
internal static class JsonConversion
{
    private const int Depth = 4;

    /// <exception cref="PromptInputException">ConvertTo-Json is not to be had here, or cannot do it.</exception>
    public static string ToJson(object input)
    {
        try
        {
            using var convert = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
            convert.AddCommand(@"Microsoft.PowerShell.Utility\ConvertTo-Json")
                .AddParameter("InputObject", input)
                .AddParameter("Depth", Depth)
                .AddParameter("Compress")
                .AddParameter("WarningAction", ActionPreference.Ignore)
                .AddParameter("ErrorAction", ActionPreference.Stop);
            return convert.Invoke<string>().Single();
        }
        catch (Exception e) when (e is not PipelineStoppedException)
        {
            throw new PromptInputException(
                KiroErrors.InputNotSupported,
                $"An input of type {(input as PSObject)?.BaseObject.GetType().Name ?? input.GetType().Name} could not be turned into JSON: {e.Message}",
                e);
        }
    }
}
