namespace KiroPool.Engine.Agents;

/// <summary>When two paths name the same directory or program, as far as their spelling tells.</summary>
internal static class PathKey
{
    /// <summary>Returns a form that is equal for such paths.</summary>
    public static string Of(string path) => OperatingSystem.IsWindows() ? OfWindows(path) : path;

    /// <summary>The same for Windows, where case, the kind of slash, a slash at the end and the prefix of device paths make no difference.</summary>
    /// <remarks>A path that begins with one slash, or with ~, is a path of another host, which is no Windows.</remarks>
    public static string OfWindows(string path)
    {
        if (path is ['~', ..] or ['/'] or ['/', not '/', ..])
            return path;
        string key = WithoutDevicePrefix(path).Replace('/', '\\').ToUpperInvariant();
        return key is [_, ':', '\\'] ? key : key.TrimEnd('\\');
    }

    /// <summary>A Windows path without <c>\\?\</c> or <c>\\.\</c>; of <c>\\?\UNC\server\share</c>, the share.</summary>
    public static string WithoutDevicePrefix(string path)
    {
        string slashes = path.Replace('/', '\\');
        if (!slashes.StartsWith(@"\\?\", StringComparison.Ordinal) && !slashes.StartsWith(@"\\.\", StringComparison.Ordinal))
            return path;
        if (slashes.AsSpan(4).StartsWith(@"UNC\", StringComparison.OrdinalIgnoreCase))
            return @"\\" + path[8..];

        // Other devices, such as \\.\pipe, have no path without it.
        return slashes.Length >= 6 && slashes[5] == ':' ? path[4..] : path;
    }
}
