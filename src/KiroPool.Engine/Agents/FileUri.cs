using System.Text;

namespace KiroPool.Engine.Agents;

/// <summary>Converts paths to file URIs. The framework would treat a path as already escaped: <c>a%2Db</c> would become <c>a-b</c>.</summary>
internal static class FileUri
{
    // Names of hosts and shares contain them unescaped (\\wsl$\Debian), as do hosts of other URIs.
    private const string PlainInHost = "$._-~!&'()*+,;=";

    /// <param name="path">The full path.</param>
    public static string Of(string path) => OperatingSystem.IsWindows() ? OfWindows(path) : OfUnix(path);

    /// <summary>The URI of a Unix path.</summary>
    public static string OfUnix(string path) => $"file://{(path.StartsWith('/') ? "" : "/")}{Escape(path)}";

    /// <summary>The URI of a Windows path: on a drive, on a share, or either with the prefix of device paths.</summary>
    public static string OfWindows(string path)
    {
        path = PathKey.WithoutDevicePrefix(path).Replace('\\', '/');
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            string[] share = path[2..].Split('/', 2);
            return $"file://{EscapeHost(share[0])}/{(share.Length > 1 ? Escape(share[1]) : "")}";
        }

        // A drive is not a host name, and its colon is not escaped.
        return path is [_, ':', ..] ? $"file:///{path[..2]}{Escape(path[2..])}" : $"file://{(path.StartsWith('/') ? "" : "/")}{Escape(path)}";
    }

    private static string Escape(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private static string EscapeHost(string host)
    {
        var escaped = new StringBuilder();
        foreach (Rune rune in host.EnumerateRunes())
            escaped.Append(rune.IsAscii && PlainInHost.Contains((char)rune.Value, StringComparison.Ordinal) ? rune.ToString() : Uri.EscapeDataString(rune.ToString()));
        return escaped.ToString();
    }
}
