using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace KiroPool.Engine.Agents;

/// <summary>
/// What may be handed to a process at its start: variables and arguments are strings that end at a zero character, and a
/// variable is one string, cut at its first equals sign. What does not fit would arrive as something else.
/// </summary>
internal static class ProcessStrings
{
    /// <summary>The longest single string Linux takes, the zero at its end included.</summary>
    public const int MostBytes = 128 * 1024;

    /// <summary>The bytes a string takes, with the character that ends it.</summary>
    public static long Size(string? text) => Encoding.UTF8.GetByteCount(text ?? "") + 1L;

    /// <summary>Checks variables. The message names a variable and never shows its value.</summary>
    /// <exception cref="AgentException"><see cref="FailureKind.EnvironmentInvalid"/>.</exception>
    public static ImmutableSortedDictionary<string, string?> CheckEnvironment(ImmutableSortedDictionary<string, string?> variables)
    {
        foreach ((string name, string? value) in variables)
        {
            // Windows keeps the directories of its drives in variables whose names begin with an equals sign.
            string? fault =
                name.Length == 0 ? "A variable without a name cannot be set. Give it a name."
                : name.IndexOf('=', OperatingSystem.IsWindows() ? 1 : 0) >= 0 ? $"'{name}' is not a valid name for a variable, because it contains an equals sign. Write -Environment @{{ {name.Split('=')[0]} = 'value' }}."
                : name.Contains('\0') ? $"The name '{name.Replace("\0", "\\0", StringComparison.Ordinal)}' of a variable contains a zero character, which ends it. Remove it."
                : value?.Contains('\0') == true ? $"The value of the variable '{name}' contains a zero character, which would cut it off. Remove it."
                : null;
            if (fault is not null)
                throw new AgentException(FailureKind.EnvironmentInvalid, fault) { Value = name };
        }

        return variables;
    }

    /// <summary>Checks arguments.</summary>
    /// <exception cref="AgentException"><see cref="FailureKind.ArgumentListInvalid"/>.</exception>
    public static ImmutableArray<string> CheckArguments(ImmutableArray<string> arguments)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            if (!arguments[i].Contains('\0'))
                continue;
            throw new AgentException(
                FailureKind.ArgumentListInvalid,
                string.Create(CultureInfo.InvariantCulture, $"Argument {i + 1} of the agent's program contains a zero character, which would cut it off. Remove it."))
            { Value = arguments[i] };
        }

        return arguments;
    }
}
