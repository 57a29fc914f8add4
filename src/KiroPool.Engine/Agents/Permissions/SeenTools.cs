namespace KiroPool.Engine.Agents;

/// <summary>The names of tools that agents have asked to use, for completion. Bounded, because agents name them.</summary>
internal sealed class SeenTools
{
    private const int Most = 200;
    private const int LongestName = 200;

    private readonly SortedSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names in alphabetical order.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (_names)
                return [.. _names];
        }
    }

    public void Add(PermissionRequest request)
    {
        if (request.ToolName is not { Length: > 0 and <= LongestName } name)
            return;
        lock (_names)
        {
            if (_names.Count < Most)
                _names.Add(name);
        }
    }
}
