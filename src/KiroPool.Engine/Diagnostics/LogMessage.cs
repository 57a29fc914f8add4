using System.Runtime.CompilerServices;

namespace KiroPool.Engine.Diagnostics;

/// <summary>A message that is only put together when somebody listens: the compiler makes one of an interpolated string.</summary>
[InterpolatedStringHandler]
internal ref struct LogMessage
{
    private DefaultInterpolatedStringHandler _text;

    public LogMessage(int literalLength, int formattedCount, IPoolLog log, out bool isWanted)
    {
        IsWanted = isWanted = log.IsEnabled;
        _text = isWanted ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
    }

    /// <summary>Whether somebody listens; without, there is no text.</summary>
    public bool IsWanted { get; }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

    /// <summary>The text. The message is used up.</summary>
    public string Take() => _text.ToStringAndClear();
}
