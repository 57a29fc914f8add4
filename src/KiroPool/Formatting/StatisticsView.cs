using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace KiroPool.Formatting;

/// <summary>The view of statistics: a short list, and a row for each process. Public only for KiroPool.Format.ps1xml.</summary>
public static class StatisticsView
{
    private const int Label = 11;
    private const int MostHost = 30;

    /// <summary>The list without the processes.</summary>
    /// <param name="statistics">Statistics or their copy.</param>
    public static string Summary(PSObject statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        var text = new StringBuilder();
        Add("Processes", $"{Count("IdleCount")} idle, {Count("ActiveCount")} active{More("HeldCount", "held by sessions")}{More("StartingCount", "starting")}{More("StoppingCount", "stopping")}");
        Add("Engine", statistics.Text("Engine"));
        Add("Since start", $"{Count("ProcessesCreated")} created, {Amount.Of((long)statistics.Number("ProcessesReused"), "time")} reused, {Count("ProcessesRecycled")} recycled");
        Add("Prompts", $"{Count("Completed")} completed, {Count("Failed")} failed{More("Cancelled", "cancelled")}{More("TimedOut", "timed out")}{More("Indeterminate", "indeterminate")}{More("WaitingCount", "waiting")}");
        foreach (PSObject host in FarHosts(statistics))
            Add("Host", Host(host));
        Add("Warm", string.Create(CultureInfo.InvariantCulture, $"{Amount.Of((long)statistics.Number("CacheHits"), "hit")}, {Amount.Of((long)statistics.Number("CacheMisses"), "miss", "misses")} ({statistics.Number("HitRate"):0.#} %)"));
        Add("Spent", statistics.Text("Spending"));
        Add("Account", Display.Line(statistics.Text("Usage"), 200));
        Add("Throttled", Throttling(statistics));
        Add("No starts", statistics.Read("StartsPausedUntil") is DateTimeOffset paused ? $"until {Clock(paused)}: {Display.Line(statistics.Text("LastStartFailure"), 2000)}" : "");
        Add("Ended", statistics.Read("EndedBy") is IDictionary ended ? string.Join(", ", ended.Keys.Cast<object>().Select(reason => $"{ended[reason]} {reason}")) : EndedBy(statistics));
        Add("Guardian", statistics.Number("GuardianRestarts") > 0 ? $"restarted {Amount.Of((long)statistics.Number("GuardianRestarts"), "time")}" : "");
        Add("Wait", Percentiles(statistics, "Wait"));
        Add("Turn", Percentiles(statistics, "Turn"));
        return text.ToString().TrimEnd('\n');

        string Count(string property) => statistics.Text(property);

        string More(string property, string what) => statistics.Number(property) > 0 ? $", {Count(property)} {what}" : "";

        void Add(string label, string value)
        {
            if (value.Length > 0)
                text.Append(label.PadRight(Label)).Append(" : ").Append(value).Append('\n');
        }
    }

    /// <summary>The hosts; none if there is only this machine.</summary>
    private static PSObject[] FarHosts(PSObject statistics)
    {
        PSObject[] hosts = statistics.Read("Hosts") is IEnumerable all ? [.. all.Cast<object>().Select(PSObject.AsPSObject)] : [];
        return hosts.All(host => host.Text("HostName") == "localhost") ? [] : hosts;
    }

    private static string Host(PSObject host)
    {
        string roundTrip = host.Read("RoundTrip") is TimeSpan time ? $", {Display.Time(time)} away" : "";
        string reason = host.Text("LastFailure") is { Length: > 0 } failure ? $": {Display.Line(failure, 200)}" : "";
        string unclear = host.Number("Indeterminate") > 0 ? $", {host.Text("Indeterminate")} indeterminate" : "";
        return $"{Display.Line(host.Text("HostName"), 60)} {host.Text("State")}, {host.Text("ProcessCount")} of {host.Text("MaxSize")} processes, {host.Text("Completed")} completed, {host.Text("Failed")} failed{unclear}{roundTrip}{reason}";
    }

    /// <summary>One row for each process, with a heading; empty without processes.</summary>
    /// <param name="statistics">Statistics or their copy.</param>
    public static string Processes(PSObject statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        PSObject[] processes = statistics.Read("Processes") is IEnumerable all ? [.. all.Cast<object>().Select(PSObject.AsPSObject)] : [];
        if (processes.Length == 0)
            return "";
        var text = new StringBuilder();

        // A process id means something on its host alone.
        string[] hosts = FarHosts(statistics).Length == 0 ? [] : [.. processes.Select(process => Display.Line(process.Text("HostName"), MostHost))];
        int width = hosts.Length == 0 ? 0 : Math.Max(hosts.Max(host => host.Length), "Host".Length);
        Row("Host", "PID", "State", "Uses", "Memory", "For", "Doing");
        for (int i = 0; i < processes.Length; i++)
        {
            PSObject process = processes[i];
            Row(hosts.ElementAtOrDefault(i) ?? "", process.Text("ProcessId"), process.Text("State"), process.Text("UseCount"), Display.Size(process.Read("MemoryBytes") as long?), Display.Time(process.Time("InState")), Doing(process));
        }

        return text.ToString().TrimEnd('\n');

        void Row(string host, string pid, string state, string uses, string memory, string time, string doing) =>
            text.Append(width == 0 ? "" : host.PadRight(width) + " ")
                .Append(CultureInfo.InvariantCulture, $"{pid,8} {state,-8} {uses,5} {memory,8} {time,10}  {doing}").Append('\n');
    }

    /// <summary>What a process does now: its prompt, its session, or the directory in which it is idle.</summary>
    /// <param name="process">A process or its copy.</param>
    public static string Doing(PSObject process)
    {
        ArgumentNullException.ThrowIfNull(process);
        string session = process.Text("Session") is { Length: > 0 } name ? $"session {Display.Line(name, 30)}" : "";
        string prompt = process.Text("PromptIndex") is { Length: > 0 } index ? $"#{index} {Display.Line(process.Text("Prompt"), 34)}" : "";
        string[] parts = [.. new[] { prompt, session }.Where(part => part.Length > 0)];
        return parts.Length > 0 ? string.Join(", ", parts) : $"in {Path.GetFileName(Path.TrimEndingDirectorySeparator(process.Text("WorkingDirectory")))}";
    }

    private static string Throttling(PSObject statistics)
    {
        double count = statistics.Number("ThrottledCount");
        string until = statistics.Read("CoolDownUntil") is DateTimeOffset end ? $"all prompts pause until {Clock(end)}" : "";
        string times = count > 0 ? string.Create(CultureInfo.InvariantCulture, $"{count:0} times") : "";
        return string.Join("; ", new[] { times, until }.Where(part => part.Length > 0));
    }

    /// <summary>A copy has the reasons as an object of its own.</summary>
    private static string EndedBy(PSObject statistics) =>
        statistics.Read("EndedBy") is IEnumerable reasons and not string ? string.Join(", ", reasons.Cast<object>().Select(PSObject.AsPSObject).Select(one => $"{one.Text("Value")} {one.Text("Key")}")) : "";

    /// <summary>Three percentiles; empty before the first prompt.</summary>
    private static string Percentiles(PSObject statistics, string what) => statistics.Time($"{what}P50") is { } median
        ? $"p50 {Display.Time(median)}, p95 {Display.Time(statistics.Time($"{what}P95"))}, p99 {Display.Time(statistics.Time($"{what}P99"))}"
        : "";

    private static string Clock(DateTimeOffset time) => time.ToLocalTime().ToString("T", CultureInfo.CurrentCulture);
}
