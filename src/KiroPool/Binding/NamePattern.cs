using System.Management.Automation;

namespace KiroPool.Binding;

/// <summary>A name as users give it where wildcards are allowed: the name itself, or a pattern of it. Case does not matter.</summary>
internal sealed class NamePattern
{
    private readonly string _name;
    private readonly WildcardPattern? _pattern;

    private NamePattern(string name, WildcardPattern? pattern) => (_name, _pattern) = (name, pattern);

    /// <summary>Whether there are wildcards in it, and they make sense.</summary>
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
            // A bracket without its other half: it can be no more than a name.
            return new(name, null);
        }
    }

    public bool IsMatch(string name) =>
        string.Equals(_name, name, StringComparison.OrdinalIgnoreCase)
        || (_pattern?.IsMatch(name) ?? string.Equals(WildcardPattern.Unescape(_name), name, StringComparison.OrdinalIgnoreCase));
}
