namespace KiroPool;

/// <summary>The engines a kiro-cli can bring; chosen with its <c>--agent-engine</c>, where it knows that flag.</summary>
public enum KiroEngine
{
    /// <summary>The first one.</summary>
    V1,

    /// <summary>The one KiroPool asks for by itself.</summary>
    V2,

    /// <summary>The one with another command line: <c>--auth-method cli</c>, and agent and model by protocol only.</summary>
    V3,
}
