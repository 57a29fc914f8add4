using System.Text;

namespace KiroPool.Pipeline;

/// <summary>
/// The unread updates of one prompt. Unread pieces of text are joined, so that a busy consumer gets a few long pieces
/// instead of a long queue of short ones.
/// </summary>
/// <param name="post">Passes an update to the pipeline thread.</param>
internal sealed class UnreadUpdates(Action<UnreadUpdate> post)
{
    private UnreadUpdate? _last;

    /// <summary>Adds the next update. The agent's reader calls it, one at a time.</summary>
    public void Add(PromptUpdate update)
    {
        if (_last?.TryJoin(update) != true)
            post(_last = new UnreadUpdate(update));
    }
}

/// <summary>An update that waits for the pipeline thread, with the pieces joined to it.</summary>
internal sealed class UnreadUpdate(PromptUpdate first)
{
    private readonly object _gate = new();
    private PromptUpdate? _update = first;
    private StringBuilder? _text;

    /// <summary>Joins the next update. Returns false if this one was taken, or if the next one must stay separate.</summary>
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
                    // These updates describe the present state, so the earlier one is obsolete.
                    _update = next;
                    return true;
                default:
                    return false;
            }
        }
    }

    /// <summary>Takes the update. Nothing is joined to it afterwards.</summary>
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
