using System.Text;

namespace KiroPool.Engine.Agents;

/// <summary>Converts paths to file URIs. The framework would treat a path as already escaped: <c>a%2Db</c> would become <c>a-b</c>.</summary>
internal static class FileUri
{
    /// <param name="path">The full path.</param>
    public static string Of(string path)
    {
        if (OperatingSystem.IsWindows())
            path = path.Replace('\\', '/');
        bool isShare = OperatingSystem.IsWindows() && path.StartsWith("//", StringComparison.Ordinal);
        var uri = new StringBuilder(isShare ? "file:" : path.StartsWith('/') ? "file://" : "file:///");
        string[] segments = path.Split('/');
        for (int i = 0; i < segments.Length; i++)
        {
            // A drive is not a host name.
            bool isDrive = i == 0 && OperatingSystem.IsWindows() && segments[i] is [_, ':'];
            uri.Append(i > 0 ? "/" : "").Append(isDrive ? segments[i] : Uri.EscapeDataString(segments[i]));
        }

        return uri.ToString();
    }
}
