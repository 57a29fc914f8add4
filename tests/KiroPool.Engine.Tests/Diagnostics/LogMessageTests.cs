using KiroPool.Engine.Diagnostics;

namespace KiroPool.Engine.Tests.Diagnostics;

public sealed class LogMessageTests
{
    private readonly PoolLog _log = new();
    private int _formatted;

    [Fact]
    public void Without_a_listener_no_message_is_formatted()
    {
        _log.WriteDebug($"a message with {Value()}");
        _log.WriteVerbose($"another with {Value():0.#}", processId: 1);

        Assert.Equal(0, _formatted);
    }

    [Fact]
    public void A_listener_gets_the_message_whole()
    {
        var heard = new List<string>();
        using (_log.Subscribe(e => heard.Add($"{e.Level} {e}")))
        {
            _log.WriteDebug($"a message with {Value():0.0}", processId: 7);
            _log.WriteVerbose($"another with {Value()}");
        }

        _log.WriteVerbose($"a third with {Value()}");
        Assert.Equal(["Debug agent 7: a message with 1.0", "Verbose another with 2"], heard);
    }

    [Fact]
    public void A_listener_for_warnings_gets_nothing_else_and_lets_no_message_be_formatted()
    {
        var heard = new List<string>();
        using IDisposable listening = _log.Subscribe(e => heard.Add($"{e.Level} {e}"), PoolEventLevel.Warning);
        _log.WriteDebug($"a message with {Value()}");
        _log.WriteVerbose($"another with {Value()}");
        _log.Write(new PoolEvent(PoolEventLevel.Verbose, "a third"));
        _log.Write(new PoolEvent(PoolEventLevel.Warning, "a fault", 7));

        Assert.False(_log.IsEnabled);
        Assert.Equal(0, _formatted);
        Assert.Equal(["Warning agent 7: a fault"], heard);
    }

    private double Value() => ++_formatted;
}
