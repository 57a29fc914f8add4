using System.Management.Automation;

namespace KiroPool.Binding;

/// <summary>A user's name or wildcard pattern. Case is ignored.</summary>
internal sealed class NamePattern
{
    private readonly string _name;
    private readonly WildcardPattern? _pattern;

    private NamePattern(string name, WildcardPattern? pattern) => (_name, _pattern) = (name, pattern);

    /// <summary>Whether it has valid wildcards.</summary>
    public bool IsPattern => _pattern is not null;

    public static NamePattern Of(string name)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(name))
            return new(name, null);
        try
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            _ = pattern.IsMatch("");
            return new(name, pattern);
        }
        catch (WildcardPatternException)
        {
            // An unbalanced bracket: it can only be a name.
            return new(name, null);
        }
    }

    public bool IsMatch(string name) =>
        string.Equals(_name, name, StringComparison.OrdinalIgnoreCase)
        || (_pattern?.IsMatch(name) ?? string.Equals(WildcardPattern.Unescape(_name), name, StringComparison.OrdinalIgnoreCase));
}
