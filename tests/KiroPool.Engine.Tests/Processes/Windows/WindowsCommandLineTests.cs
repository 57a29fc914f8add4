using System.Runtime.InteropServices;
using System.Text;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Tests.Processes.Windows;

/// <summary>The forms are the same on every system, so these tests run everywhere.</summary>
public sealed partial class WindowsCommandLineTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "\"\"")]
    [InlineData("a b", "\"a b\"")]
    [InlineData("tab\there", "\"tab\there\"")]
    [InlineData(@"C:\dir\", @"C:\dir\")]
    [InlineData(@"C:\my dir\", @"""C:\my dir\\""")]
    [InlineData("say \"hi\"", @"""say \""hi\""""")]
    [InlineData(@"end\""", @"""end\\\""""")]
    [InlineData(@"a\\b c", @"""a\\b c""")]
    [InlineData("a&b|c>d^%PATH%!x!", "a&b|c>d^%PATH%!x!")]
    public void An_argument_is_quoted_where_the_C_runtime_would_split_it(string argument, string expected) =>
        Assert.Equal($"\"C:\\a b\\agent.exe\" {expected}", WindowsCommandLine.Of(@"C:\a b\agent.exe", [argument]));

    [Fact]
    public void Arguments_of_any_characters_come_back_as_they_were()
    {
        var random = new Random(1);
        const string alphabet = "ab \\\\\"\t\nü";
        for (int run = 0; run < 2000; run++)
        {
            string[] arguments = [.. Enumerable.Range(0, random.Next(4)).Select(_ => string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => alphabet[random.Next(alphabet.Length)])))];
            string line = WindowsCommandLine.Of("agent.exe", arguments);

            Assert.Equal(arguments, Split(line).Skip(1));
            if (OperatingSystem.IsWindows())
                Assert.Equal(arguments, SplitByWindows(line).Skip(1));
        }
    }

    [Fact]
    public void Variables_are_sorted_without_case_and_end_with_a_zero()
    {
        var variables = new Dictionary<string, string?> { ["b"] = "2", ["A"] = "1", ["C"] = null, ["_"] = "" };

        Assert.Equal("A=1\0b=2\0_=\0\0", WindowsCommandLine.EnvironmentBlock(variables));
        Assert.Equal("\0\0", WindowsCommandLine.EnvironmentBlock([]));
    }

    /// <summary>The rules of the C runtime: 2n backslashes before a quote are n, 2n + 1 are n and the quote.</summary>
    private static IEnumerable<string> Split(string line)
    {
        var word = new StringBuilder();
        bool isQuoted = false, isWord = false;
        for (int i = 0; i < line.Length; i++)
        {
            int backslashes = 0;
            while (i < line.Length && line[i] == '\\')
                (backslashes, i, isWord) = (backslashes + 1, i + 1, true);
            bool isQuote = i < line.Length && line[i] == '"';
            word.Append('\\', isQuote ? backslashes / 2 : backslashes);
            if (i == line.Length)
                break;
            if (isQuote && backslashes % 2 == 0)
            {
                (isQuoted, isWord) = (!isQuoted, true);
            }
            else if (line[i] is ' ' or '\t' && !isQuoted)
            {
                if (isWord)
                    yield return word.ToString();
                word.Clear();
                isWord = false;
            }
            else
            {
                word.Append(line[i]);
                isWord = true;
            }
        }

        if (isWord)
            yield return word.ToString();
    }

    private static IEnumerable<string> SplitByWindows(string line)
    {
        nint words = CommandLineToArgv(line, out int count);
        return [.. Enumerable.Range(0, count).Select(i => Marshal.PtrToStringUni(Marshal.ReadIntPtr(words, i * nint.Size))!)];
    }

    [LibraryImport("shell32", EntryPoint = "CommandLineToArgvW", StringMarshalling = StringMarshalling.Utf16)]
    private static partial nint CommandLineToArgv(string line, out int count);
}
