using System.Management.Automation;
using System.Text;

namespace KiroPool.Binding.Objects;

/// <summary>The views of PowerShell, cached by type for the life of a command.</summary>
internal sealed class ObjectViews
{
    // System.Object has no view.
    private static readonly string[] Everything = ["System.Object", "System.ValueType", "System.Management.Automation.PSCustomObject", "System.Management.Automation.PSObject"];

    private const int Width = 160;

    private readonly Dictionary<string, ObjectView> _known = [];

    /// <summary>The view of an object; a view of all properties if PowerShell has none.</summary>
    public ObjectView Of(PSObject wrapped)
    {
        string[] types = [.. wrapped.TypeNames.Where(name => !Everything.Contains(name)).Select(WithoutOrigin)];
        string key = string.Join('\n', types);
        if (!_known.TryGetValue(key, out ObjectView? view))
            _known.Add(key, view = types.Length == 0 ? ObjectView.All : types.Any(IsHelp) ? ObjectView.Printed : Find(types));
        return view;
    }

    /// <summary>Writes the output of Out-String, without colours and surrounding blank lines.</summary>
    public static void Print(IReadOnlyList<PSObject> objects, BoundedBytes kept)
    {
        var lines = new Lines(kept);
        using var print = PowerShell.Create(RunspaceMode.CurrentRunspace);
        print.AddCommand(@"Microsoft.PowerShell.Utility\Out-String").AddParameter("Stream").AddParameter("Width", Width);
        print.Invoke(objects, lines);
    }

    private static ObjectView Find(string[] types)
    {
        try
        {
            using var find = PowerShell.Create(RunspaceMode.CurrentRunspace);
            find.AddCommand(@"Microsoft.PowerShell.Utility\Get-FormatData")
                .AddParameter("TypeName", types.Select(WildcardPattern.Escape).ToArray())
                .AddParameter("ErrorAction", ActionPreference.Ignore);
            ExtendedTypeDefinition[] found = [.. find.Invoke<ExtendedTypeDefinition>()];
            foreach (string type in types)
            {
                if (found.FirstOrDefault(definition => definition.TypeNames.Contains(type, StringComparer.OrdinalIgnoreCase)) is { FormatViewDefinition: [{ Control: { } control }, ..] })
                    return ObjectView.Of(control);
            }
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            // A runspace without the command has no views either.
        }

        return ObjectView.All;
    }

    // Get-FormatData does not return the views of help.
    private static bool IsHelp(string type) => type is "HelpInfo" or "MamlCommandHelpInfo";

    private static string WithoutOrigin(string type)
    {
        const string deserialized = "Deserialized.";
        return type.StartsWith(deserialized, StringComparison.OrdinalIgnoreCase) ? type[deserialized.Length..] : type;
    }

    /// <summary>Receives lines as they are printed, and keeps only those that fit.</summary>
    private sealed class Lines(BoundedBytes kept) : System.Collections.ObjectModel.Collection<string>
    {
        private int _blank;

        protected override void InsertItem(int index, string item)
        {
            string line = item.TrimEnd();
            if (line.Length == 0)
            {
                _blank++;
                return;
            }

            if (kept.Length > 0)
                Encoding.UTF8.GetBytes(new string('\n', _blank + 1), kept);
            Encoding.UTF8.GetBytes(line, kept);
            _blank = 0;
        }
    }
}
