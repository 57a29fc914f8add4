namespace KiroPool.Interactive;

/// <summary>
/// The key that answers a question. What a user is typing in that moment is the next prompt and no answer: a word that goes on
/// must not allow a tool.
/// </summary>
internal static class KeyChoice
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits for one of several keys.</summary>
    /// <param name="terminal">Keeps all other keys for the next line.</param>
    /// <param name="keys">The keys, in lower case.</param>
    /// <param name="isOver">Whether the question needs no answer any more.</param>
    /// <param name="time">The clock.</param>
    /// <param name="wait">Waits for a while.</param>
    /// <returns>Null if the user does not choose, or if the question is over.</returns>
    public static char? Read(TypeAhead terminal, IReadOnlyCollection<char> keys, Func<bool> isOver, TimeProvider time, Action<TimeSpan> wait)
    {
        if (terminal.TakeCancel(TypedKey.IsCtrlC))
            return null;
        while (!isOver())
        {
            if (!terminal.TryReadPresent(out ConsoleKeyInfo key, out bool isPasted))
            {
                wait(Poll);
                continue;
            }

            if (!isPasted && (TypedKey.IsCtrlC(key) || key.Key == ConsoleKey.Escape))
                return null;
            char typed = char.ToLowerInvariant(key.KeyChar);
            bool isTyping = isPasted || (terminal.TypedAt is { } at && time.GetElapsedTime(at) < Quiet);
            if (isTyping)
                terminal.Keep(key, isPasted);
            else if (keys.Contains(typed))
                return typed;
        }

        return null;
    }
}
