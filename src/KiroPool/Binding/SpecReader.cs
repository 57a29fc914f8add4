using System.Collections;
using System.Management.Automation;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Binding;

/// <summary>Makes an agent spec from parameters.</summary>
internal static class SpecReader
{
    /// <exception cref="AgentException">The program or the directory is missing or cannot be used, or a variable cannot be set.</exception>
    public static AgentSpec Read(
        SessionState session,
        string? filePath = null,
        string[]? arguments = null,
        string? workingDirectory = null,
        string? agent = null,
        string? model = null,
        IDictionary? environment = null,
        AgentProtocol protocol = AgentProtocol.Acp,
        KiroEngine? engine = null,
        TextSettings? text = null,
        bool isFar = false)
    {
        // On other hosts a program and a directory are looked up there.
        string program = isFar ? filePath ?? KiroCliLocator.DefaultName : KiroCliLocator.Locate(session.ResolveProgram(filePath), session.CurrentDirectory());
        return new AgentSpec
        {
            Executable = program,
            Protocol = protocol,
            Arguments = arguments is null ? [] : [.. arguments],
            UsesKiroCommandLine = arguments is null && KiroCliLocator.IsKiroCli(program),
            Engine = engine,
            Text = text ?? TextSettings.Default,
            WorkingDirectory = workingDirectory is null && !isFar ? session.UsableDirectory() : session.ResolveDirectory(workingDirectory ?? session.CurrentDirectory(), isFar),
            Agent = agent,
            Model = model,
            Environment = EnvironmentReader.Read(environment),
        };
    }
}
