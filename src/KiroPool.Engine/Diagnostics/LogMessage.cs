using System.Runtime.CompilerServices;

namespace KiroPool.Engine.Diagnostics;

/// <summary>A message that is formatted only if the log has a listener for it. The compiler makes it from an interpolated string.</summary>
[InterpolatedStringHandler]
internal ref struct LogMessage
{
    private DefaultInterpolatedStringHandler _text;

    public LogMessage(int literalLength, int formattedCount, IPoolLog log, out bool isWanted)
    {
        IsWanted = isWanted = log.IsEnabled;
        _text = isWanted ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
    }

    /// <summary>Whether the log has a listener. Without one there is no text.</summary>
    public bool IsWanted { get; }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

    /// <summary>The text. The message is used up.</summary>
    public string Take() => _text.ToStringAndClear();
}
