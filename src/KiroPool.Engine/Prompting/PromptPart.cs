namespace KiroPool.Engine.Prompting;

/// <summary>A piece of a prompt, in the order the agent gets it.</summary>
public abstract record PromptPart
{
    private PromptPart()
    {
    }

    /// <summary>Text, as it is.</summary>
    /// <param name="Value">The text.</param>
    public sealed record Text(string Value) : PromptPart;

    /// <summary>A file or directory the agent may look at itself; its content is not sent.</summary>
    /// <param name="Path">The full path.</param>
    public sealed record Link(string Path) : PromptPart;
}
