using System.Management.Automation;
using KiroPool.Formatting;

namespace KiroPool.Binding;

/// <summary>
/// Gathers the output of Format-Table and the other Format cmdlets: many objects from a start to an end, which are
/// meaningless one by one.
/// </summary>
internal sealed class PrintedInput
{
    private const string Namespace = "Microsoft.PowerShell.Commands.Internal.Format.";

    private readonly List<PSObject> _document = [];
    private int _open;

    public bool IsEmpty => _document.Count == 0;

    /// <summary>Whether what was gathered is all of one document.</summary>
    public bool IsWhole => _open == 0 && !IsEmpty;

    /// <summary>Keeps an object, if it is one of those.</summary>
    public bool Take(PSObject input)
    {
        string type = CopiedObject.TypeOf(input);
        int at = type.IndexOf(Namespace, StringComparison.Ordinal);
        if (at < 0)
            return false;
        _document.Add(input);
        _open += type[(at + Namespace.Length)..] switch { "FormatStartData" => 1, "FormatEndData" => -1, _ => 0 };
        return true;
    }

    public IReadOnlyList<PSObject> TakeAll()
    {
        PSObject[] document = [.. _document];
        _document.Clear();
        _open = 0;
        return document;
    }
}
