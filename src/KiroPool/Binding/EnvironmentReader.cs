using System.Collections;
using System.Collections.Immutable;
using System.Management.Automation;
using System.Security;
using KiroPool.Engine.Agents;

namespace KiroPool.Binding;

/// <summary>Makes variables for agents from a hashtable. A value without a text of its own is refused: an agent would get the name of its type.</summary>
internal static class EnvironmentReader
{
    /// <exception cref="AgentException">EnvironmentInvalid, about the variable's name; its value is in no message.</exception>
    public static ImmutableSortedDictionary<string, string?> Read(IDictionary? environment)
    {
        ImmutableSortedDictionary<string, string?>.Builder variables = AgentSpec.NoEnvironment.ToBuilder();
        if (environment is not null)
        {
            foreach (DictionaryEntry entry in environment)
            {
                string name = TextOf(entry.Key) ?? throw Invalid(entry.Key.ToString() ?? "", $"The name of a variable is a {TypeOf(entry.Key)}. Write it as text.");
                variables[name] = ReadValue(name, entry.Value);
            }
        }

        return variables.ToImmutable();
    }

    private static string? ReadValue(string name, object? value)
    {
        value = value is PSObject wrapped ? wrapped.BaseObject : value;

        // A command that returned nothing stands here as a value of its own; it means the same as $null.
        if (value is null || value == System.Management.Automation.Internal.AutomationNull.Value)
            return null;
        return TextOf(value) ?? throw Invalid(name, value switch
        {
            SecureString => $"The value of the variable '{name}' is a SecureString, and an agent needs text. Convert it on purpose: ConvertFrom-SecureString -AsPlainText.",
            PSCredential => $"The value of the variable '{name}' is a credential, and an agent needs text. Pass the part that it needs: $credential.GetNetworkCredential().Password.",
            _ => $"The value of the variable '{name}' is a {TypeOf(value)}, which is no text. Give a string: -join for lists, ConvertTo-Json for objects.",
        });
    }

    /// <summary>The text of a value that has just one, the same in every culture; null for any other.</summary>
    private static string? TextOf(object value) => value switch
    {
        string text => text,
        FileSystemInfo file => file.FullName,
        IFormattable or char or bool or Uri or Version => LanguagePrimitives.ConvertTo<string>(value),
        _ => null,
    };

    private static string TypeOf(object value) => value is IDictionary ? "hashtable" : value.GetType().Name;

    private static AgentException Invalid(string name, string message) => new(FailureKind.EnvironmentInvalid, message) { Value = name };
}
