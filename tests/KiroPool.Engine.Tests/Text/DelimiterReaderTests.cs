using System.Text;
using KiroPool.Engine.Tests.Fakes;
using KiroPool.Engine.Text;

namespace KiroPool.Engine.Tests.Text;

public sealed class DelimiterReaderTests
{
    [Theory]
    [InlineData("one|two|", "|", "one,two,")]
    [InlineData("|", "|", ",")]
    [InlineData("one\n---E\n---END---\ntwo", "\n---END---\n", "one\n---E,two")]
    [InlineData("aaab", "aab", "a,")]
    [InlineData("abababac", "ababac", "ab,")]
    [InlineData("xx--x--x", "--x", "xx,,")]
    public void A_stream_is_split_at_the_delimiter(string stream, string delimiter, string responses) =>
        Assert.Equal(responses.Split(','), Cut(Encoding.UTF8.GetBytes(stream), delimiter, _ => int.MaxValue));

    /// <summary>The text streams of many runtimes write CR LF for each line feed on Windows.</summary>
    [Theory]
    [InlineData("one\r\n---END---\r\ntwo\r\n---END---\r\n", "\n---END---\n", "one|two|")]
    [InlineData("a\r\nb\r\n---E\r\n---END---\nc", "\n---END---\n", "a\r\nb\r\n---E|c")]
    [InlineData("a\r\r\n---END---\r\n50%\r100%\r\nb", "\n---END---\n", "a\r|50%\r100%\r\nb")]
    [InlineData("one\r\n\r\n\r\n.", "\n\n", "one|\r\n.")]
    [InlineData("one\n.\ntwo\r\n.\r\nthree", "\r\n.\r\n", "one\n.\ntwo|three")]
    public void A_line_feed_of_the_delimiter_also_stands_for_CR_LF(string stream, string delimiter, string responses)
    {
        for (int size = 1; size < 5; size++)
        {
            var sink = new Sink();
            var reader = new DelimiterReader(Encoding.UTF8.GetBytes(delimiter), sink);
            foreach (byte[] piece in Encoding.UTF8.GetBytes(stream).Chunk(size))
                reader.Append(piece);

            Assert.Equal(responses.Split('|'), sink.All);
        }
    }

    [Fact]
    public void Only_a_possible_start_of_a_delimiter_is_held_back()
    {
        var sink = new Sink();
        var reader = new DelimiterReader("\n---END---\n"u8.ToArray(), sink);

        reader.Append("answer\n---"u8);
        Assert.Equal("answer", sink.Text);
        reader.Append(" no"u8);
        Assert.Equal("answer\n--- no", sink.Text);
        Assert.Equal(1, sink.Count);
    }

    [Theory]
    [MemberData(nameof(SeedsOfRuns))]
    public void Reads_may_split_it_anywhere(int seed)
    {
        var random = new Random(seed);
        for (int run = 0; run < 300; run++)
        {
            // Few different characters, so that much of the stream resembles a delimiter.
            string alphabet = random.Next(2) == 0 ? "ab" : "-\nEé";
            string delimiter = Random(random.Next(1, 6));
            string stream = string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(4) == 0 ? delimiter : Random(random.Next(1, 5))));

            // string.Split searches from the left and skips found delimiters, as the reader must.
            string[] expected = stream.Split(delimiter);
            Assert.Equal(expected, Cut(Encoding.UTF8.GetBytes(stream), delimiter, left => random.Next(1, Math.Min(left, 4) + 1)));

            string Random(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => alphabet[random.Next(alphabet.Length)]));
        }
    }

    public static TheoryData<int> SeedsOfRuns => Seeds.Take(usual: 5, full: 200);

    /// <summary>The responses, and the text after the last delimiter.</summary>
    private static string[] Cut(byte[] bytes, string delimiter, Func<int, int> take)
    {
        var sink = new Sink();
        var reader = new DelimiterReader(Encoding.UTF8.GetBytes(delimiter), sink);
        for (int at = 0; at < bytes.Length;)
        {
            int count = Math.Min(take(bytes.Length - at), bytes.Length - at);
            reader.Append(bytes.AsSpan(at, count));
            at += count;
        }

        // A start of a delimiter at the end of the stream belongs to no response yet.
        return [.. sink.All[..^1], sink.All[^1] + Rest(Encoding.UTF8.GetString(bytes), sink, delimiter)];
    }

    /// <summary>The end of the stream that is still held back.</summary>
    private static string Rest(string stream, Sink sink, string delimiter)
    {
        int handedOn = sink.All.Sum(part => part.Length) + (delimiter.Length * (sink.Count - 1));
        return stream[handedOn..];
    }

    private sealed class Sink : IResponseSink
    {
        private readonly List<List<byte>> _parts = [[]];

        public List<string> All => [.. _parts.Select(part => Encoding.UTF8.GetString([.. part]))];

        public string Text => All[^1];

        public int Count => _parts.Count;

        public void OnBytes(ReadOnlySpan<byte> bytes) => _parts[^1].AddRange(bytes.ToArray());

        public void OnEnd() => _parts.Add([]);
    }
}
