using System.IO.Pipelines;
using System.Text;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Tests.Processes;

/// <summary>The output of a terminal's command, which may come in any pieces and, on Windows, in two encodings.</summary>
public sealed class TerminalOutputTests
{
    private static readonly Encoding Dos = ProcessText.OfCodePage(850)!;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task UTF_8_is_whole_in_pieces_of_any_length(int length) =>
        Assert.Equal("Grüße, 日本 😀\nné", await ReadAsync("Grüße, 日本 😀\nné"u8.ToArray(), length, Dos));

    [Fact]
    public async Task Messages_of_the_system_are_in_its_code_page() =>
        Assert.Equal("Änderung: Datenträger\r\nGrüße\n", await ReadAsync([.. Dos.GetBytes("Änderung: Datenträger\r\n"), .. "Grüße\n"u8], 100, Dos));

    [Fact]
    public async Task A_character_without_its_end_is_shown_as_the_replacement_character() =>
        Assert.Equal("a\uFFFD", await ReadAsync([(byte)'a', 0xC3], 1, other: null));

    private static async Task<string> ReadAsync(byte[] bytes, int length, Encoding? other)
    {
        var output = new TerminalOutput(1000, other);
        var pipe = new Pipe();
        Task drained = output.DrainAsync(pipe.Reader.AsStream());
        foreach (byte[] piece in bytes.Chunk(length))
        {
            await pipe.Writer.WriteAsync(piece, TestContext.Current.CancellationToken);
            await pipe.Writer.FlushAsync(TestContext.Current.CancellationToken);
        }

        await pipe.Writer.CompleteAsync();
        await drained.InTime();
        return output.Read().Text;
    }
}
