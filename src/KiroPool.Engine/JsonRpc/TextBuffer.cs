using System.Buffers;

namespace KiroPool.Engine.JsonRpc;

/// <summary>
/// Text that grows piece by piece, in a borrowed buffer: what is left of it in the end is the one string that is asked
/// for. Not for several threads.
/// </summary>
internal sealed class TextBuffer
{
    private const int Smallest = 1024;

    private char[] _chars = [];

    public int Length { get; private set; }

    /// <summary>Room behind the text for so many characters; <see cref="Advance"/> makes what was written there part of it.</summary>
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

    /// <summary>The text from a place to its end.</summary>
    public string ToString(int start) => new(_chars, start, Length - start);

    /// <summary>The whole text. The buffer goes back, and is empty.</summary>
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
