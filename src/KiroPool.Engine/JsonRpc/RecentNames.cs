using System.Text.Json;

namespace KiroPool.Engine.JsonRpc;

/// <summary>
/// The method names that came last on a connection. A name that comes with every chunk of an answer is one string then,
/// not one per message. Not for several threads.
/// </summary>
internal sealed class RecentNames
{
    // A connection has few methods in use at a time. Longer names than these are no method's, and are not kept.
    private const int Most = 4;
    private const int LongestKept = 64;

    private readonly string?[] _names = new string?[Most];
    private int _next;

    /// <summary>The string at the reader's position.</summary>
    public string Read(ref Utf8JsonReader reader)
    {
        foreach (string? known in _names)
        {
            if (known is not null && reader.ValueTextEquals(known))
                return known;
        }

        string name = reader.GetString()!;
        if (name.Length <= LongestKept)
        {
            _names[_next] = name;
            _next = (_next + 1) % Most;
        }

        return name;
    }
}
