using System.Buffers;

namespace KiroPool.Engine.JsonRpc;

/// <summary>
/// Builds text piece by piece in a pooled buffer, so that only the final string is allocated. Not thread-safe.
/// </summary>
internal sealed class TextBuffer
{
    private const int Smallest = 1024;

    private char[] _chars = [];

    public int Length { get; private set; }

    /// <summary>Returns space after the text for so many characters. <see cref="Advance"/> adds written characters to the text.</summary>
    public Span<char> GetSpan(int length)
    {
        if (_chars.Length - Length < length)
            Grow(length);
        return _chars.AsSpan(Length);
    }

    public void Advance(int length) => Length += length;

    public void Append(ReadOnlySpan<char> text)
    {
        text.CopyTo(GetSpan(text.Length));
        Advance(text.Length);
    }

    public void Append(char character) => Append([character]);

    /// <summary>The text from an index to its end.</summary>
    public string ToString(int start) => new(_chars, start, Length - start);

    /// <summary>Returns the whole text, and returns the buffer to its pool.</summary>
    public string Take()
    {
        string text = ToString(0);
        GiveBack();
        (_chars, Length) = ([], 0);
        return text;
    }

    private void Grow(int more)
    {
        char[] larger = ArrayPool<char>.Shared.Rent(Math.Max(Smallest, Math.Max(checked(Length + more), (int)Math.Min(2L * _chars.Length, Array.MaxLength))));
        _chars.AsSpan(0, Length).CopyTo(larger);
        GiveBack();
        _chars = larger;
    }

    private void GiveBack()
    {
        if (_chars.Length > 0)
            ArrayPool<char>.Shared.Return(_chars);
    }
}
