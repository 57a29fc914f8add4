using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine.Agents;

namespace KiroPool.Commands;

/// <content>Rows, as of Import-Csv, that name their own agent, model, session or directory.</content>
public sealed partial class InvokeKiroPromptCommand
{
    /// <summary>What one input runs on: its own agent or session, where it is a row that names one and no parameter does.</summary>
    /// <exception cref="AgentException">The directory cannot be used, or the session has other values.</exception>
    private OwnChoice ReadOwnChoice(object? input)
    {
        if (input is not PSObject row || !IsRow(row))
            return new(_spec, null, []);
        string? name = Cell(row, nameof(Session));
        string? agent = Cell(row, nameof(Agent));
        string? model = Cell(row, nameof(Model));
        PoolInfo? pool = _pool ?? PoolInUse;
        string? directory = Cell(row, nameof(WorkingDirectory)) is { } path ? SessionState.ResolveDirectory(path, pool?.Options.Hosts.HasFar == true) : null;
        if ((name ?? agent ?? model ?? directory) is null)
            return new(_spec, null, []);

        // A session has its values, also one that the run would create.
        if (_sessionName is not null)
            return new(_spec, null, []);
        if (_session is not null)
        {
            _session.EnsureMatches(agent, model, directory);
            return new(_spec, null, []);
        }

        KeyValuePair<string, string>[] values =
        [
            .. new (string Name, string? Value)[] { (nameof(Session), name?.ToUpperInvariant()), (nameof(Agent), agent), (nameof(Model), model), (nameof(WorkingDirectory), directory) }
                .Where(value => value.Value is not null)
                .Select(value => KeyValuePair.Create(value.Name, value.Value!)),
        ];
        if (name is null || _pool is null)
            return new(_spec!.With(agent, model, directory), null, values);
        Session session = _pool.Pool.Sessions.GetOrCreate(name, agent ?? Agent, model ?? Model, directory ?? DirectoryIn(_pool), _pool.SpecAt(SessionState.UsableDirectory()).With(session: _spec!.Session));
        return new(null, session, values);
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

    /// <summary>What one input runs on.</summary>
    /// <param name="Spec">The agent; null for that of the session.</param>
    /// <param name="Session">Its own session; null for that of the batch, if it has one.</param>
    /// <param name="Values">The values that are the input's own, by the names of the parameters for all.</param>
    private readonly record struct OwnChoice(AgentSpec? Spec, Session? Session, IReadOnlyList<KeyValuePair<string, string>> Values);
}
