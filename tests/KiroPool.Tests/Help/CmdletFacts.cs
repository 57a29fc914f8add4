using System.Management.Automation;
using System.Reflection;

namespace KiroPool.Tests.Help;

/// <summary>A cmdlet of the assembly.</summary>
internal sealed record CmdletFacts(string Name, Type Type, IReadOnlyDictionary<string, ParameterFacts> Parameters, IReadOnlyList<string> ParameterSets)
{
    public const string AllSets = ParameterAttribute.AllParameterSets;

    /// <summary>All cmdlets by name.</summary>
    public static IReadOnlyDictionary<string, CmdletFacts> All { get; } = typeof(PoolInfo).Assembly.GetTypes()
        .Where(type => type.IsDefined(typeof(CmdletAttribute)))
        .Select(Of)
        .ToDictionary(cmdlet => cmdlet.Name);

    private static CmdletFacts Of(Type type)
    {
        CmdletAttribute cmdlet = type.GetCustomAttribute<CmdletAttribute>()!;
        Dictionary<string, ParameterFacts> parameters = type.GetProperties()
            .Where(property => property.IsDefined(typeof(ParameterAttribute)))
            .ToDictionary(property => property.Name, ParameterFacts.Of);
        if (cmdlet.SupportsShouldProcess)
        {
            parameters["Confirm"] = ParameterFacts.ShouldProcess("cf");
            parameters["WhatIf"] = ParameterFacts.ShouldProcess("wi");
        }

        string[] sets = [.. parameters.Values.SelectMany(parameter => parameter.Places.Keys).Where(set => set != AllSets).Distinct()];
        return new CmdletFacts($"{cmdlet.VerbName}-{cmdlet.NounName}", type, parameters, sets.Length == 0 ? [AllSets] : sets);
    }
}

/// <summary>A parameter of the assembly, with its attribute for each parameter set.</summary>
internal sealed record ParameterFacts(Type Type, PropertyInfo? Property, IReadOnlyList<string> Aliases, bool TakesWildcards, IReadOnlyDictionary<string, ParameterAttribute> Places)
{
    public static ParameterFacts Of(PropertyInfo property) => new(
        property.PropertyType,
        property,
        [.. property.GetCustomAttributes<AliasAttribute>().SelectMany(alias => alias.AliasNames)],
        property.IsDefined(typeof(SupportsWildcardsAttribute)),
        property.GetCustomAttributes<ParameterAttribute>().ToDictionary(place => place.ParameterSetName));

    public static ParameterFacts ShouldProcess(string alias) => new(
        typeof(SwitchParameter), null, [alias], false, new Dictionary<string, ParameterAttribute> { [CmdletFacts.AllSets] = new() });

    public bool IsIn(string set) => Places.ContainsKey(set) || Places.ContainsKey(CmdletFacts.AllSets);
}
