namespace KiroPool;

/// <summary>The engines of kiro-cli. <c>--agent-engine</c> selects one, if kiro-cli knows that flag.</summary>
public enum KiroEngine
{
    /// <summary>The first engine.</summary>
    V1,

    /// <summary>The default of KiroPool.</summary>
    V2,

    /// <summary>An engine with another command line: <c>--auth-method cli</c>, and agent and model by protocol only.</summary>
    V3,
}
