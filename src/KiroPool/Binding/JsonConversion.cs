using System.Management.Automation;
using KiroPool.Errors;

namespace KiroPool.Binding;

/// <summary>Converts objects with ConvertTo-Json. Used only on the pipeline thread.</summary>
internal static class JsonConversion
{
    private const int Depth = 4;

    /// <exception cref="PromptInputException">ConvertTo-Json is not available or fails.</exception>
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
                $"An input of type {(input as PSObject)?.BaseObject.GetType().Name ?? input.GetType().Name} could not be converted to JSON: {e.Message}",
                e);
        }
    }
}
