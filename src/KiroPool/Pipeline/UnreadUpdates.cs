using System.Text;

namespace KiroPool.Pipeline;

/// <summary>
/// The updates of one prompt on their way to the pipeline. Pieces of text that nobody has read yet are joined, so that a
/// busy consumer gets few long pieces instead of a long queue of short ones.
/// </summary>
/// <param name="post">Hands one on to the pipeline thread.</param>
internal sealed class UnreadUpdates(Action<UnreadUpdate> post)
{
    private UnreadUpdate? _last;

    /// <summary>Takes the next update. Called by the agent's reader, one at a time.</summary>
    public void Add(PromptUpdate update)
    {
        if (_last?.TryJoin(update) != true)
            post(_last = new UnreadUpdate(update));
    }
}

/// <summary>An update that waits for the pipeline thread, and what was joined to it meanwhile.</summary>
internal sealed class UnreadUpdate(PromptUpdate first)
{
    private readonly object _gate = new();
    private PromptUpdate? _update = first;
    private StringBuilder? _text;

    /// <summary>Adds what came next. False once it is taken, and for what must stand for itself.</summary>
    public bool TryJoin(PromptUpdate next)
    {
        lock (_gate)
        {
            if (_update is null || _update.Kind != next.Kind)
                return false;
            switch (next.Kind)
            {
                case "Text" or "Thought":
                    (_text ??= new StringBuilder(_update.Text)).Append(next.Text);
                    return true;
                case "Usage" or "Plan" or "Mode":
                    // They tell how things stand now; what stood before is of no use any more.
                    _update = next;
                    return true;
                default:
                    return false;
            }
        }
    }

    /// <summary>Takes it as it is now; nothing is joined to it any more.</summary>
    public PromptUpdate Take()
    {
        lock (_gate)
        {
            PromptUpdate update = _update ?? throw new InvalidOperationException("The update was taken already.");
            _update = null;
            return _text is null ? update : update with { Text = _text.ToString() };
        }
    }
}
