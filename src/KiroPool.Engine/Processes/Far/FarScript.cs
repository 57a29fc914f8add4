using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Processes.Far;

/// <summary>
/// The scripts that run on a far host, and the way they get there. The command line is a constant: it reads the number of the
/// script's bytes and then the script, so that no word of a user meets a login shell and no value is seen in a list of
/// processes. What follows the script is the agent's.
/// </summary>
internal static partial class FarScript
{
    // The same words in sh, bash, zsh, dash, ksh, fish and csh. dd reads single bytes, because it must not take the agent's.
    private const string Reader = "read -r n && eval \"$(dd bs=1 count=\"$n\" 2>/dev/null)\"";

    private static readonly string Common = Load("common.sh");
    private static readonly string StubBody = Load("stub.sh");
    private static readonly string KeeperBody = Load("keeper.sh");

    /// <summary>The arguments of a prefix.</summary>
    public static IReadOnlyList<string> Arguments(CommandPrefix prefix) =>
        prefix.IsShell ? [.. prefix.Arguments, $"exec /bin/sh -c '{Reader}'"] : [.. prefix.Arguments, "/bin/sh", "-c", Reader];

    /// <summary>A word that no agent can know, for the lines of a script.</summary>
    public static string NewNonce() => Guid.NewGuid().ToString("N");

    /// <summary>Checks the names of variables.</summary>
    /// <exception cref="AgentException"><see cref="FailureKind.EnvironmentInvalid"/>: sh cannot set one.</exception>
    public static void ThrowIfNotSettable(IEnumerable<string> names)
    {
        foreach (string name in names)
            Checked(name);
    }

    /// <summary>The bytes that start an agent.</summary>
    /// <param name="nonce">The word its lines begin with.</param>
    /// <param name="marker">The value of <see cref="AgentMarker.Variable"/>; it ends with a dot.</param>
    /// <param name="command">The agent.</param>
    /// <param name="graces">The far side's own, for when nothing here can climb the ladder any more.</param>
    /// <param name="rest">How long the processes that an ended agent has left may take to end.</param>
    /// <exception cref="AgentException"><see cref="FailureKind.EnvironmentInvalid"/>: sh cannot set a variable.</exception>
    public static byte[] Stub(string nonce, string marker, AgentCommand command, StopGraces graces, TimeSpan rest)
    {
        var prologue = new StringBuilder();
        prologue.Append(CultureInfo.InvariantCulture, $"kp_nonce={nonce} kp_marker={Quote(marker)} kp_dir={Quote(command.WorkingDirectory)}\n");
        prologue.Append(CultureInfo.InvariantCulture, $"kp_eof={Tenths(graces.AfterInputClosed)} kp_term={Tenths(graces.AfterTerminate)} kp_rest={Tenths(rest)}\n");
        prologue.Append("kp_environment() {\n:\n");
        foreach ((string name, string? value) in command.Environment)
            prologue.Append(value is null ? $"unset {Checked(name)}\n" : $"{Checked(name)}={Quote(value)}; export {name}\n");
        prologue.Append("}\nset -- ").AppendJoin(' ', command.Arguments.Prepend(command.Executable).Select(Quote)).Append('\n');
        return Sent(prologue + Common + StubBody);
    }

    /// <summary>The bytes that start a keeper.</summary>
    /// <param name="nonce">The word its lines begin with.</param>
    /// <param name="markerPrefix">How the markers of the agents begin; it ends with a dot.</param>
    /// <param name="limit">The silence after which it ends them.</param>
    public static byte[] Keeper(string nonce, string markerPrefix, TimeSpan limit)
    {
        int seconds = Math.Max(1, (int)Math.Ceiling(limit.TotalSeconds));
        int tick = Math.Max(1, seconds / 15);
        string prologue = string.Create(CultureInfo.InvariantCulture, $"kp_nonce={nonce} kp_prefix={Quote(markerPrefix)} kp_tick={tick} kp_most={(seconds + tick - 1) / tick}\n");
        return Sent(prologue + Common + KeeperBody);
    }

    /// <summary>A word in sh, whatever it contains but a zero character.</summary>
    internal static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static byte[] Sent(string script)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(script);
        return [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{bytes.Length}\n")), .. bytes];
    }

    private static int Tenths(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds * 10);

    private static string Checked(string name) => VariableName().IsMatch(name)
        ? name
        : throw new AgentException(
            FailureKind.EnvironmentInvalid,
            $"The variable '{name}' cannot be set on another host: its name may have only letters, digits and underscores there, and must not begin with a digit or with kp_. Rename it, or leave it out.")
        { Value = name };

    /// <summary>Without comments and indentation: they would be read byte by byte.</summary>
    private static string Load(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"KiroPool.Engine.Processes.Far.{name}")!;
        using var reader = new StreamReader(stream);
        var script = new StringBuilder();
        while (reader.ReadLine() is { } line)
        {
            line = line.Trim();
            if (line.Length > 0 && line[0] != '#')
                script.Append(line).Append('\n');
        }

        return script.ToString();
    }

    [GeneratedRegex("^(?!kp_)[A-Za-z_][A-Za-z0-9_]*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex VariableName();
}
