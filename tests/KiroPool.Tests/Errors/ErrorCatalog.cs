using System.Management.Automation;
using System.Reflection;
using KiroPool.Commands;
using KiroPool.Errors;

namespace KiroPool.Tests.Errors;

/// <summary>Every error of the module, as its records have it: id, category, advice.</summary>
internal static class ErrorCatalog
{
    /// <summary>The methods that make the errors of the module's own. Each is named as its id.</summary>
    public static IReadOnlyList<MethodInfo> Methods { get; } =
        [.. typeof(KiroException).GetMethods(BindingFlags.Public | BindingFlags.Static).Where(method => method.ReturnType == typeof(KiroException))];

    public static IReadOnlyDictionary<string, (ErrorCategory Category, string Advice)> All { get; } =
        Records().DistinctBy(error => error.FullyQualifiedErrorId)
            .ToDictionary(error => error.FullyQualifiedErrorId, error => (error.CategoryInfo.Category, error.ErrorDetails.RecommendedAction));

    /// <summary>The error that a method makes of any values.</summary>
    public static KiroException Make(MethodInfo method) =>
        (KiroException)method.Invoke(null, [.. method.GetParameters().Select(parameter => Any(parameter.ParameterType))])!;

    /// <summary>The numbers among the parameters of the two cmdlets that check them. Their errors are named without the unit.</summary>
    public static IEnumerable<string> Numbers(Type command) => command.GetProperties()
        .Where(property => property.IsDefined(typeof(ParameterAttribute)))
        .Where(property => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is var type && (type == typeof(int) || type == typeof(long) || type == typeof(double) || type == typeof(decimal)))
        .Select(property => property.Name);

    public static string RangeId(string parameter) => (parameter.EndsWith("Sec", StringComparison.Ordinal) ? parameter[..^3] : parameter) + "OutOfRange";

    private static IEnumerable<ErrorRecord> Records() =>
    [
        .. Methods.Select(method => KiroErrors.Create(Make(method))),
        .. new[] { typeof(StartKiroPoolCommand), typeof(InvokeKiroPromptCommand) }.SelectMany(command => Numbers(command)
            .Select(name => KiroErrors.Create(new ArgumentOutOfRangeException(RangeId(name)[..^"OutOfRange".Length], -7, $"{name} is wrong."), command))),
        .. Enum.GetValues<FailureKind>().Select(kind => KiroErrors.Create(new AgentException(kind, "what happened"))),
        KiroErrors.CreateIndeterminate(new PromptFailedException(new PromptResult { Prompt = "any", Outcome = "Indeterminate", WorkingDirectory = "any" }, new AgentException(FailureKind.AgentDied, "what happened")), target: null),
    ];

    private static object? Any(Type type) =>
        type == typeof(string) ? "any"
        : type == typeof(IEnumerable<string>) ? new[] { "any" }
        : type == typeof(Exception) ? new IOException("any")
        : type == typeof(object) ? "any"
        : Activator.CreateInstance(type);
}
