using System.Collections;
using System.Globalization;
using System.Management.Automation;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;
using KiroPool.Errors;

namespace KiroPool.Binding;

/// <summary>Makes a host from an entry of -HostCommand: a command such as docker exec that runs another one elsewhere.</summary>
internal static class HostCommandReader
{
    private const string Keys = "HostName, Command, Shell and MaxSize";
    private const string Example = "@{ HostName = 'box'; Command = 'docker', 'exec', '-i', 'box' }";

    /// <summary>Reads an entry.</summary>
    /// <param name="session">Resolves the program of the command.</param>
    /// <param name="entry">The entry.</param>
    /// <exception cref="KiroException">The entry has no name or no command, an unknown key or a wrong value.</exception>
    /// <exception cref="AgentException">The program of the command is not here.</exception>
    public static AgentHost Read(SessionState session, IDictionary entry)
    {
        string? name = null;
        string[]? words = null;
        bool isShell = false;
        int? maxSize = null;
        foreach (DictionaryEntry one in entry)
        {
            string key = one.Key.ToString() ?? "";
            object? value = one.Value is PSObject wrapped ? wrapped.BaseObject : one.Value;
            switch (key.ToUpperInvariant())
            {
                case "HOSTNAME":
                    name = value as string;
                    break;
                case "COMMAND":
                    words = value is null ? null : LanguagePrimitives.ConvertTo<string[]>(value);
                    break;
                case "SHELL":
                    isShell = LanguagePrimitives.IsTrue(value);
                    break;
                case "MAXSIZE":
                    maxSize = value is not null && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= 1000
                        ? number
                        : throw Invalid($"MaxSize of a host must be 1 to 1000, but is '{value}'.", value);
                    break;
                default:
                    throw Invalid($"'{key}' is not a key of -HostCommand. Its keys are {Keys}.", key);
            }
        }

        if (string.IsNullOrWhiteSpace(name) || name.Any(char.IsControl))
            throw Invalid($"An entry of -HostCommand needs a HostName, a text without control characters: {Example}.", name ?? (object)entry);
        if (name.Equals(AgentHost.LocalName, StringComparison.OrdinalIgnoreCase))
            throw Invalid($"The name {AgentHost.LocalName} is that of this machine without a command. Give the host of -HostCommand another HostName.", name);
        if (words is not { Length: > 0 } || string.IsNullOrWhiteSpace(words[0]) || words.Any(word => word is null || word.Contains('\0', StringComparison.Ordinal)))
            throw Invalid($"The host '{name}' of -HostCommand needs a Command, the program and its words: {Example}.", name);
        return new AgentHost { Name = name, MaxSize = maxSize, Prefix = new CommandPrefix(Find(session, words[0], name), [.. words[1..]], isShell) };
    }

    private static string Find(SessionState session, string program, string host)
    {
        try
        {
            return KiroCliLocator.Locate(session.ResolveProgram(program), session.CurrentDirectory());
        }
        catch (AgentException e) when (e.Kind == FailureKind.ExecutableNotFound)
        {
            string advice = "Install it on this machine, or correct -HostCommand. Each word of a command is a string of its own.";
            throw new AgentException(FailureKind.ExecutableNotFound, $"'{program}', the command of the host '{host}', was not found on this machine. {advice}", e) { Value = program, Advice = advice };
        }
    }

    private static KiroException Invalid(string message, object? target) => KiroException.HostInvalid(message, target);
}
