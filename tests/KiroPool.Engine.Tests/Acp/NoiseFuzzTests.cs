using System.Text;
using KiroPool.Engine.Acp;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Acp;

/// <summary>
/// Streams of real frames with mutations, in pieces of any size. After each of them a request must still be answered.
/// 2,000 streams; with <c>KIROPOOL_TESTS=full</c> 100,000.
/// </summary>
public sealed class NoiseFuzzTests
{
    private const int MaxLine = 4096;

    private static readonly string[] Frames =
    [
        """{"jsonrpc":"2.0","id":900001,"result":{"sessionId":"s","modes":{"currentModeId":"kiro_default"}}}""",
        """{"jsonrpc":"2.0","id":900002,"error":{"code":-32603,"message":"Internal error","data":"Too many requests"}}""",
        """{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s","update":{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"grüße \ud83d\ude00"}}}}""",
        """{"jsonrpc":"2.0","id":"perm-1","method":"session/request_permission","params":{"options":[]}}""",
        """{"jsonrpc":"2.0","method":"_kiro.dev/metadata","params":{"contextUsagePercentage":12.5}}""",
        "Welcome to the agent\u2122",
        "\u001b[?25l\u001b[0m",
        "",
    ];

    public static TheoryData<int> SomeSeeds => Seeds.Take(usual: 4, full: 46);

    [Theory]
    [MemberData(nameof(SomeSeeds))]
    public async Task After_any_noise_the_next_answer_is_read(int seed)
    {
        const int streams = 500;
        int rounds = Seeds.IsFullRun ? 4 * streams : streams;
        var random = new Random(seed);
        var agent = new PipeAgent(MaxLine);
        for (int round = 0; round < rounds; round++)
        {
            if (round % 100 == 99)
            {
                await agent.DisposeAsync();
                agent = new PipeAgent(MaxLine);
            }

            await SayAsync(agent, Mutate(random), random);
            await AskAsync(agent, $"seed {seed}, round {round}");
        }

        await agent.DisposeAsync();
    }

    /// <summary>Writes the noise in pieces and waits until all of it was read, so that no byte of it can be an answer.</summary>
    private static async Task SayAsync(PipeAgent agent, byte[] noise, Random random)
    {
        for (int at = 0, size; at < noise.Length; at += size)
        {
            size = Math.Min(noise.Length - at, random.Next(4) == 0 ? 1 : random.Next(1, 600));
            agent.Say(noise.AsMemory(at, size));
        }

        string mark = $"mark {random.NextInt64()}";
        agent.Say($$"""{{"\n"}}{"method":"mark","params":"{{mark}}"}""");
        await Eventually.HoldsAsync(() => agent.Handler.Messages.LastOrDefault() == $"mark \"{mark}\"");
    }

    private static async Task AskAsync(PipeAgent agent, string which)
    {
        (Task Written, Task<SessionReply> Response) call = agent.Request("the/question");
        while (true)
        {
            // Refusals of requests in the noise come first.
            var heard = await agent.HearAsync();
            if (!heard.TryGetProperty("method", out var method) || method.GetString() != "the/question")
                continue;
            agent.Say($$$"""{"id":{{{heard.GetProperty("id").GetRawText()}}},"result":{"sessionId":"{{{which}}}"}}""");
            break;
        }

        Assert.Equal(which, (await call.Response.InTime()).SessionId);
        Assert.False(agent.Running.IsCompleted, which);
    }

    private static byte[] Mutate(Random random)
    {
        var bytes = new List<byte>();
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            bytes.AddRange(Encoding.UTF8.GetBytes(Frames[random.Next(Frames.Length)]));
            bytes.AddRange(random.Next(5) == 0 ? "\r\n"u8 : "\n"u8);
        }

        for (int i = random.Next(0, 12); i > 0; i--)
            MutateOnce(bytes, random);
        return [.. bytes];
    }

    private static void MutateOnce(List<byte> bytes, Random random)
    {
        int at = random.Next(bytes.Count + 1);
        int length = Math.Min(random.Next(1, 60), bytes.Count - at);
        switch (random.Next(8))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 3:
                byte[] junk = new byte[random.Next(1, 30)];
                random.NextBytes(junk);
                bytes.InsertRange(at, junk);
                break;
            case 4:
                bytes.Insert(at, (byte)'\n');
                break;
            case 5:
                bytes.InsertRange(at, Enumerable.Repeat((byte)"[{\"\\"[random.Next(4)], random.Next(1, 400)));
                break;
            case 6:
                bytes.InsertRange(at, Enumerable.Repeat((byte)'x', random.Next(MaxLine - 10, 2 * MaxLine)));
                break;
            case 7:
                bytes.InsertRange(at, (byte[])[0xEF, 0xBB, 0xBF, 0xED, 0xA0, 0x80]);
                break;
        }
    }
}
