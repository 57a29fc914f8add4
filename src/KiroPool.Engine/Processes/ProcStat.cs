using System.Globalization;

namespace KiroPool.Engine.Processes;

/// <summary>The data of a process in <c>/proc/PID/stat</c> (proc(5)).</summary>
internal readonly record struct ProcStat(int Id, char State, int ParentId, int GroupId, int SessionId, long ResidentBytes)
{
    private const int ResidentPagesField = 21;

    /// <summary>Ended and waiting to be reaped.</summary>
    public bool IsDead => State is 'Z' or 'X';

    /// <summary>Reads one process; null when it is gone.</summary>
    public static ProcStat? TryRead(int processId)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{processId}/stat");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        // The command name is in parentheses and may contain spaces and parentheses, so the fields begin after the last ')'.
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return new ProcStat(
            processId, fields[0][0], (int)Number(fields[1]), (int)Number(fields[2]), (int)Number(fields[3]), Number(fields[ResidentPagesField]) * Environment.SystemPageSize);
    }

    private static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
