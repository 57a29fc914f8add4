using System.Collections;
using System.Management.Automation;
using KiroPool.Errors;

namespace KiroPool.Binding;

/// <summary>Where the directories of this machine are on the hosts of a pool.</summary>
internal sealed class PathMap
{
    private readonly (string Here, string There)[] _directories;

    private PathMap(IEnumerable<(string, string)> directories) => _directories = [.. directories.OrderByDescending(one => one.Item1.Length)];

    /// <summary>A map without an entry.</summary>
    public static PathMap Empty { get; } = new([]);

    /// <summary>Reads -PathMap.</summary>
    /// <exception cref="KiroException">HostInvalid: a directory there is no full path, or one here is not in the file system.</exception>
    public static PathMap Read(SessionState session, IDictionary? map)
    {
        if (map is null)
            return Empty;
        var directories = new List<(string, string)>();
        foreach (DictionaryEntry entry in map)
        {
            string key = entry.Key.ToString() ?? "";
            string value = entry.Value?.ToString() ?? "";
            string here = session.ResolveFile(key) ?? throw KiroException.HostInvalid($"'{key}' in -PathMap is not in the file system of this machine.", key);
            if (!value.StartsWith('/'))
                throw KiroException.HostInvalid($"'{value}' in -PathMap is not the full path of a directory on the hosts, such as /srv/src.", value);
            directories.Add((Path.TrimEndingDirectorySeparator(here), value.TrimEnd('/')));
        }

        return new PathMap(directories);
    }

    /// <summary>The path on the hosts; null if the map has none.</summary>
    /// <param name="path">The full path here.</param>
    public string? Of(string path)
    {
        foreach ((string here, string there) in _directories)
        {
            if (path.Length == here.Length ? path == here : path.StartsWith(here, StringComparison.Ordinal) && (here.EndsWith(Path.DirectorySeparatorChar) || path[here.Length] == Path.DirectorySeparatorChar))
                return $"{there}/{path[here.Length..].TrimStart(Path.DirectorySeparatorChar).Replace(Path.DirectorySeparatorChar, '/')}".TrimEnd('/') is { Length: > 0 } mapped ? mapped : "/";
        }

        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join("; ", _directories.Select(one => $"{one.Here} = {one.There}").Order(StringComparer.Ordinal));
}
