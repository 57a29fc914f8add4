using System.Globalization;

namespace KiroPool.Simulator;

/// <summary>The words in double brackets by which a prompt itself says what shall happen. Unknown ones are ordinary text.</summary>
internal sealed class PromptWords
{
    private static readonly PromptWords None = new();

    public bool Crash { get; private set; }

    public bool CrashMidway { get; private set; }

    /// <summary>Never answers; a cancel ends it.</summary>
    public bool Hang { get; private set; }

    /// <summary>Never answers, whatever comes.</summary>
    public bool Deaf { get; private set; }

    public bool RateLimit { get; private set; }

    public bool Refuse { get; private set; }

    public bool Cancelled { get; private set; }

    public bool Late { get; private set; }

    public bool Plan { get; private set; }

    /// <summary>Says nothing at all.</summary>
    public bool Silent { get; private set; }

    /// <summary>Blocks of the answer besides its text: image, audio, text, blob or link.</summary>
    public List<string> Blocks { get; } = [];

    public string? Error { get; private set; }

    /// <summary>How an answer by a schema is spoilt: see <see cref="SchemaAnswer"/>.</summary>
    public string? Json { get; private set; }

    public int? SleepMs { get; private set; }

    public int? Chunks { get; private set; }

    public int? Bytes { get; private set; }

    /// <summary>Says that it is throttled and goes on.</summary>
    public bool Throttled { get; private set; }

    /// <summary>Fails with an error of v3's kinds.</summary>
    public FailureWord? Failure { get; private set; }

    /// <summary>Says an error and answers nothing, as if all was well.</summary>
    public FailureWord? OnlyError { get; private set; }

    /// <summary>Answers, then says an error and ends the turn as failed.</summary>
    public FailureWord? FailedTurn { get; private set; }

    /// <summary>Says an error that has nothing to do with the turn, and answers.</summary>
    public FailureWord? ErrorBesides { get; private set; }

    /// <summary>The choice of answers to a question.</summary>
    public IReadOnlyList<string>? Question { get; private set; }

    /// <summary>Has another model answer and says so.</summary>
    public string? OtherModel { get; private set; }

    public List<ToolWord> Tools { get; } = [];

    public static PromptWords Parse(string text)
    {
        int open = text.IndexOf("[[", StringComparison.Ordinal);
        if (open < 0)
            return None;

        PromptWords words = new();
        while (open >= 0)
        {
            int close = text.IndexOf("]]", open, StringComparison.Ordinal);
            if (close < 0)
                break;
            string word = text[(open + 2)..close];
            int space = word.IndexOf(' ', StringComparison.Ordinal);
            words.Take(space < 0 ? word : word[..space], space < 0 ? "" : word[(space + 1)..].Trim());
            open = text.IndexOf("[[", close, StringComparison.Ordinal);
        }
        return words;
    }

    private void Take(string name, string argument)
    {
        switch (name)
        {
            case "crash": Crash = true; break;
            case "crash-midway": CrashMidway = true; break;
            case "hang": Hang = true; break;
            case "deaf": Deaf = true; break;
            case "ratelimit": RateLimit = true; break;
            case "refuse": Refuse = true; break;
            case "cancelled": Cancelled = true; break;
            case "late": Late = true; break;
            case "plan": Plan = true; break;
            case "silent": Silent = true; break;
            case "block": Blocks.Add(argument); break;
            case "error": Error = argument; break;
            case "json": Json = argument; break;
            case "sleep": SleepMs = Number(argument); break;
            case "chunks": Chunks = Number(argument); break;
            case "bytes": Bytes = Number(argument); break;
            case "throttled": Throttled = true; break;
            case "failure": Failure = FailureWord.Parse(argument); break;
            case "only-error": OnlyError = FailureWord.Parse(argument); break;
            case "fails": FailedTurn = FailureWord.Parse(argument); break;
            case "error-besides": ErrorBesides = FailureWord.Parse(argument); break;
            case "question": Question = argument.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries); break;
            case "other-model": OtherModel = argument; break;
            case "permission": Tools.Add(new ToolWord(argument, Asks: true)); break;
            case "tool": Tools.Add(new ToolWord(argument, Asks: false)); break;
        }
    }

    private static int? Number(string argument) =>
        int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}

internal readonly record struct ToolWord(string Kind, bool Asks);

/// <summary>An error type, a retry type and a text: <c>[[failure TokenExpiredError CLIENT_ERROR The token has expired.]]</c>.</summary>
internal readonly record struct FailureWord(string Type, string RetryType, string Text)
{
    public static FailureWord Parse(string argument) => argument.Split(' ', 3) is [var type, var retryType, var text]
        ? new FailureWord(type, retryType, text)
        : new FailureWord(argument, "CLIENT_ERROR", argument);
}
