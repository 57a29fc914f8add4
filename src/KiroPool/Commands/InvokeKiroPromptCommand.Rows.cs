using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine.Agents;

namespace KiroPool.Commands;

/// <content>Rows, as of Import-Csv, that name their own agent, model, session or directory.</content>
public sealed partial class InvokeKiroPromptCommand
{
    /// <summary>The agent and the session of one input: its own, where it is a row that names one and no parameter does.</summary>
    /// <exception cref="AgentException">The directory cannot be used, or the session has other values.</exception>
    private (AgentSpec? Spec, Session? Session) ReadOwnChoice(object? input)
    {
        if (input is not PSObject row || !IsRow(row))
            return (_spec, null);
        string? name = Cell(row, nameof(Session));
        string? agent = Cell(row, nameof(Agent));
        string? model = Cell(row, nameof(Model));
        string? directory = Cell(row, nameof(WorkingDirectory)) is { } path ? SessionState.ResolveDirectory(path) : null;
        if ((name ?? agent ?? model ?? directory) is null)
            return (_spec, null);
        if (_session is not null)
        {
            _session.EnsureMatches(agent, model, directory);
            return (_spec, null);
        }

        if (name is null || _pool is null)
            return (_spec!.With(agent, model, directory), null);
        string? ofAll = WorkingDirectory is null ? null : SessionState.ResolveDirectory(WorkingDirectory);
        return (null, _pool.Pool.Sessions.GetOrCreate(name, agent ?? Agent, model ?? Model, directory ?? ofAll, _pool.SpecAt(SessionState.UsableDirectory()).With(session: _spec!.Session)));
    }

    /// <summary>A value of a row; null for an empty cell, and where a parameter was given for all.</summary>
    private string? Cell(PSObject row, string parameter) =>
        !MyInvocation.BoundParameters.ContainsKey(parameter) && row.Properties[parameter]?.Value is { } value && LanguagePrimitives.ConvertTo<string>(value) is { } text && !string.IsNullOrWhiteSpace(text)
            ? text.Trim()
            : null;

    /// <summary>Custom objects have just the properties that their maker gave them. A Model of a computer is no model of an agent.</summary>
    private static bool IsRow(PSObject input) =>
        input.BaseObject is PSCustomObject
        && input.TypeNames.FirstOrDefault() is { } type
        && (type.EndsWith("System.Management.Automation.PSCustomObject", StringComparison.Ordinal) || type.StartsWith("CSV:", StringComparison.Ordinal));
}
