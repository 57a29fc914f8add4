using System.Data;
using System.Management.Automation;
using System.Reflection;
using KiroPool.Engine.Agents;
using KiroPool.Formatting;

namespace KiroPool.Binding.Objects;

/// <summary>The visible properties of an object and their names.</summary>
internal sealed class ObjectView
{
    // Properties that providers and remoting attach. Views do not show them.
    private static readonly HashSet<string> Attached = new(StringComparer.OrdinalIgnoreCase)
    {
        "PSPath", "PSParentPath", "PSChildName", "PSDrive", "PSProvider", "PSIsContainer", "PSShowComputerName", "RunspaceId", "PSSourceJobInstanceId",
    };

    // Without columns: the properties of the object's display set, or all.
    private readonly IReadOnlyList<Column>? _columns;

    private ObjectView(IReadOnlyList<Column>? columns, bool isPrinted = false) => (_columns, IsPrinted) = (columns, isPrinted);

    /// <summary>Shows every property.</summary>
    public static ObjectView All { get; } = new(null);

    /// <summary>Shows its own text.</summary>
    public static ObjectView Printed { get; } = new(null, isPrinted: true);

    /// <summary>Whether the view is printed text instead of a list of properties.</summary>
    public bool IsPrinted { get; }

    /// <summary>The view of a control of a format file.</summary>
    public static ObjectView Of(PSControl control) => control switch
    {
        TableControl table => new ObjectView(Columns(table)),
        ListControl { Entries: [.., var entry] } => new ObjectView([.. entry.Items.Select(item => new Column(item.Label, item.DisplayEntry, item.ItemSelectionCondition))]),
        CustomControl or WideControl => Printed,
        _ => All,
    };

    /// <summary>The name and value of each property, read one by one.</summary>
    public IEnumerable<(string Name, object? Value)> Read(PSObject shown) =>
        shown.BaseObject switch
        {
            DataRow row => row.Table.Columns.Cast<DataColumn>().Select(column => (column.ColumnName, (object?)row[column])),
            DataRowView { Row: var row } => row.Table.Columns.Cast<DataColumn>().Select(column => (column.ColumnName, (object?)row[column])),
            _ when _columns is not null => Directory(shown).Concat(_columns.Where(column => column.IsShown(shown)).Select(column => (column.Name, column.Read(shown)))),
            _ => Visible(shown).Select(property => (property.Name, ValueOf(property))),
        };

    /// <summary>A deserialized file is shown under a heading with its directory.</summary>
    private static IEnumerable<(string Name, object? Value)> Directory(PSObject shown) =>
        CopiedObject.Is(shown, typeof(FileSystemInfo).FullName!) && shown.Properties["FullName"] is { } path ? [(path.Name, ValueOf(path))] : [];

    private static List<Column> Columns(TableControl table)
    {
        var columns = new List<Column>();
        if (table.Rows.Count == 0)
            return columns;
        List<TableControlColumn> cells = table.Rows[0].Columns;
        for (int i = 0; i < cells.Count; i++)
            columns.Add(new Column(i < table.Headers.Count ? table.Headers[i].Label : null, cells[i].DisplayEntry));
        return columns;
    }

    private static IEnumerable<PSPropertyInfo> Visible(PSObject shown)
    {
        if ((shown.Members["PSStandardMembers"] as PSMemberSet)?.Members["DefaultDisplayPropertySet"] is PSPropertySet { ReferencedPropertyNames: { Count: > 0 } names })
            return names.Select(name => shown.Properties[name]).Where(property => property is not null);
        Type type = shown.BaseObject.GetType();
        bool showsComputer = shown.Properties["PSShowComputerName"] is { } shows && LanguagePrimitives.IsTrue(ValueOf(shows));
        return shown.Properties.Where(property =>
            property.IsGettable && !Attached.Contains(property.Name) && (showsComputer || property.Name != "PSComputerName") && !IsHidden(type, property));
    }

    private static bool IsHidden(Type type, PSPropertyInfo property) =>
        property.MemberType == PSMemberTypes.Property
        && type.GetMember(property.Name, MemberTypes.Property, BindingFlags.Public | BindingFlags.Instance) is [var member, ..]
        && member.IsDefined(typeof(HiddenAttribute));

    private static object? ValueOf(PSPropertyInfo? property)
    {
        try
        {
            return property?.Value;
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            // An unreadable property is shown empty, as elsewhere in PowerShell.
            return null;
        }
    }

    /// <summary>A column of a table or an item of a list: a property, or the result of a script.</summary>
    private sealed class Column
    {
        private readonly string _property;
        private readonly ScriptBlock? _script;

        private readonly ScriptBlock? _condition;

        public Column(string? label, DisplayEntry entry, DisplayEntry? condition = null)
        {
            _property = entry.Value;
            _script = entry.ValueType == DisplayEntryValueType.ScriptBlock ? ScriptBlock.Create(entry.Value) : null;
            _condition = condition is { ValueType: DisplayEntryValueType.ScriptBlock } ? ScriptBlock.Create(condition.Value) : null;
            Name = string.IsNullOrEmpty(label) ? entry.Value.Trim() : label;
        }

        public string Name { get; }

        public bool IsShown(PSObject shown) => _condition is null || LanguagePrimitives.IsTrue(Run(_condition, shown));

        public object? Read(PSObject shown)
        {
            object? made = _script is null ? ValueOf(shown.Properties[_property]) : Run(_script, shown);

            // Some views use colours, for example for file names.
            return (made is PSObject wrapped ? wrapped.BaseObject : made) is string text ? TerminalText.Harmless(text) : made;
        }

        private static object? Run(ScriptBlock script, PSObject shown)
        {
            try
            {
                var made = script.InvokeWithContext(null, [new PSVariable("_", shown)]);
                return made.Count switch { 0 => null, 1 => made[0], _ => made };
            }
            catch (RuntimeException e) when (e is not PipelineStoppedException)
            {
                return null;
            }
        }
    }
}
