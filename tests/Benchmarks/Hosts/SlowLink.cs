using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace KiroPool.Benchmarks.Hosts;

/// <summary>A port of this machine that leads to another one as if it were far away: every byte arrives half a round trip later.</summary>
internal sealed class SlowLink : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly int _port;
    private readonly TimeSpan _roundTrip;

    public SlowLink(int port, TimeSpan roundTrip)
    {
        (_port, _roundTrip) = (port, roundTrip);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _over.Cancel();
        _listener.Stop();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = JoinAsync(await _listener.AcceptTcpClientAsync(_over.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The link is not needed any more.
        }
    }

    private async Task JoinAsync(TcpClient near)
    {
        using (near)
        using (var far = new TcpClient())
        {
            try
            {
                // What the handshake of TCP takes.
                await Task.Delay(_roundTrip, _over.Token);
                await far.ConnectAsync(IPAddress.Loopback, _port, _over.Token);
                (near.NoDelay, far.NoDelay) = (true, true);
                await Task.WhenAny(PassAsync(near.GetStream(), far.GetStream()), PassAsync(far.GetStream(), near.GetStream()));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
            {
                // One of the ends is gone.
            }
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to)
    {
        var way = Channel.CreateUnbounded<(long Due, byte[] Bytes)>();
        Task arriving = ArriveAsync();
        var buffer = new byte[65536];
        int count;
        while ((count = await from.ReadAsync(buffer, _over.Token)) > 0)
            way.Writer.TryWrite((Stopwatch.GetTimestamp() + (long)(_roundTrip.TotalSeconds / 2 * Stopwatch.Frequency), buffer[..count]));
        way.Writer.Complete();
        await arriving;

        async Task ArriveAsync()
        {
            await foreach ((long due, byte[] bytes) in way.Reader.ReadAllAsync(_over.Token))
            {
                if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { Ticks: > 0 } left)
                    await Task.Delay(left, _over.Token);
                await to.WriteAsync(bytes, _over.Token);
            }
        }
    }
}
