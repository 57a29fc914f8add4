using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Acp;

/// <summary>The method names of the Agent Client Protocol, version 1, and of Kiro's extensions to it.</summary>
internal static class AcpMethods
{
    public const string Initialize = "initialize";
    public const string Authenticate = "authenticate";
    public const string SessionNew = "session/new";
    public const string SessionLoad = "session/load";
    public const string SessionResume = "session/resume";
    public const string SessionList = "session/list";
    public const string SessionDelete = "session/delete";
    public const string SessionFork = "session/fork";
    public const string SessionPrompt = "session/prompt";
    public const string SessionCancel = "session/cancel";
    public const string SessionClose = "session/close";
    public const string SessionSetMode = "session/set_mode";
    public const string SessionSetConfigOption = "session/set_config_option";
    public const string SessionUpdate = "session/update";
    public const string SessionRequestPermission = "session/request_permission";
    public const string ElicitationCreate = "elicitation/create";
    public const string TerminalCreate = "terminal/create";
    public const string TerminalOutput = "terminal/output";
    public const string TerminalWaitForExit = "terminal/wait_for_exit";
    public const string TerminalKill = "terminal/kill";
    public const string TerminalRelease = "terminal/release";
    public const string CancelRequest = JsonRpcConnection.CancelRequest;

    /// <summary>Not in the standard; Kiro v2 has it.</summary>
    public const string SessionSetModel = "session/set_model";
    public const string KiroMetadata = "_kiro.dev/metadata";
    public const string KiroRateLimit = "_kiro.dev/error/rate_limit";
    public const string KiroAgentNotFound = "_kiro.dev/agent/not_found";
    public const string KiroModelNotFound = "_kiro.dev/model/not_found";

    /// <summary>Kiro v2 from 2.27.1 on: another model answers.</summary>
    public const string KiroSessionUpdate = "_kiro.dev/session/update";

    // Kiro v3.
    public const string KiroV3RateLimit = "_kiro/error/rate_limit";
    public const string KiroV3AgentNotFound = "_kiro/customAgent/not_found";
    public const string KiroV3Token = "_kiro/auth/getAccessToken";
}
