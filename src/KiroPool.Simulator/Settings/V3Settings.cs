namespace KiroPool.Simulator;

/// <summary>What a simulated v3 engine is like. Where sources contradict each other, each of them has a value here.</summary>
internal sealed class V3Settings
{
    /// <summary>
    /// When the list of models is known. "reply": in the reply to <c>session/new</c> (2.16); "early": in a
    /// <c>config_option_update</c> before that reply; "after": in one right after it; "late": in one before the reply to the
    /// first <c>session/set_config_option</c>, or at the first prompt (2.27); "never". Default "late", before 2.19 "reply".
    /// </summary>
    public ModelsCome? Models { get; set; }

    /// <summary>What loading an unknown session does: "error", "empty" (an empty session of that id) or "hang". Default "error".</summary>
    public LoadOfUnknown UnknownSession { get; set; }

    /// <summary>Milliseconds from the prompt to <c>turn_start</c>. Default 0.</summary>
    public int TurnStartMs { get; set; }

    /// <summary>False: a cancel before <c>turn_start</c> is not lost, as it is in 2.27.1. Default true.</summary>
    public bool LosesEarlyCancel { get; set; } = true;

    /// <summary>False: Kiro's own permissions allow every tool, so it runs unasked. Default true.</summary>
    public bool AsksForTools { get; set; } = true;

    /// <summary>False: a turn that wrote files asks for a review of its changes, besides the question about each. Default true.</summary>
    public bool Autopilot { get; set; } = true;

    /// <summary>What a client gets that does not say <c>--auth-method=cli</c> and gives no token: "prompt" (prompts fail) or "hang" (<c>session/new</c> does, 2.12 and 2.21). Default "prompt".</summary>
    public RefusedToken RefusedToken { get; set; }

    /// <summary>False: notices about throttling and unknown agents name no session. Default true.</summary>
    public bool NoticesNameSession { get; set; } = true;

    /// <summary>Milliseconds the first start takes more: it unpacks the engine to <c>.local/share/kiro-cli/kas</c> of the home directory. Default 0.</summary>
    public int UnpackMs { get; set; }

    /// <summary>The percent of the context that is told after the response of a turn. Default: the same as before it.</summary>
    public double? LateContextPercent { get; set; }

    /// <summary>Whether <c>turn_completion</c> tells tokens. Default false.</summary>
    public bool Tokens { get; set; }

    /// <summary>The account whose quota <c>_kiro/account/getUsage</c> tells; null where the version does not know the method. Default: 12.5 of 1,000 credits used.</summary>
    public AccountSetting? Usage { get; set; } = new();

    /// <summary>Milliseconds that <c>_kiro/account/getUsage</c> takes. Default 0.</summary>
    public int UsageMs { get; set; }
}

/// <summary>The quota of an account. The credits of the process's turns are added to what is used.</summary>
internal sealed class AccountSetting
{
    public string Plan { get; set; } = "KIRO PRO";

    public double Used { get; set; } = 12.5;

    public double Limit { get; set; } = 1000;

    public bool Overages { get; set; }

    public string Reset { get; set; } = "2026-12-01";

    /// <summary>The reason why the service tells nothing; null for none.</summary>
    public string? Refused { get; set; }
}

internal enum ModelsCome { Reply, Early, After, Late, Never }

internal enum LoadOfUnknown { Error, Empty, Hang }

internal enum RefusedToken { Prompt, Hang }
