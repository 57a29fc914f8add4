using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KiroPool.Schemas;

/// <summary>
/// The JSON Schema library that PowerShell brings for Test-Json. It is bound by name when it is first needed: its version
/// differs between PowerShell 7.4, 7.5 and 7.6, and a copy of our own would clash with it. Test-Json itself is not used,
/// because up to 7.6 it does not say where a fault is that lies two levels deep, and it needs a runspace for each check.
/// </summary>
internal sealed class HostValidator
{
    private static readonly Lazy<HostValidator> OfHost = new(() => Bind(Load()));

    private readonly MethodInfo _fromText;
    private readonly MethodInfo _evaluate;
    private readonly bool _takesElements;
    private readonly Func<string, object> _newOptions;
    private readonly PropertyInfo _isValid;
    private readonly PropertyInfo _errors;
    private readonly PropertyInfo _details;
    private readonly PropertyInfo _instanceLocation;
    private readonly PropertyInfo _evaluationPath;

    private HostValidator(Assembly library)
    {
        Type schema = library.GetType("Json.Schema.JsonSchema", throwOnError: true)!;
        Type options = library.GetType("Json.Schema.EvaluationOptions", throwOnError: true)!;
        Type results = library.GetType("Json.Schema.EvaluationResults", throwOnError: true)!;
        _fromText = MethodOf(schema, "FromText", BindingFlags.Static, first => first == typeof(string));
        _evaluate = MethodOf(schema, "Evaluate", BindingFlags.Instance, first => first == typeof(JsonNode) || first == typeof(JsonElement));
        _takesElements = _evaluate.GetParameters()[0].ParameterType == typeof(JsonElement);
        _isValid = PropertyOf(results, "IsValid");
        _errors = PropertyOf(results, "Errors");
        _details = PropertyOf(results, "Details");
        _instanceLocation = PropertyOf(results, "InstanceLocation");
        _evaluationPath = PropertyOf(results, "EvaluationPath");
        PropertyInfo format = PropertyOf(options, "OutputFormat");
        PropertyInfo? culture = options.GetProperty("Culture");
        _newOptions = output =>
        {
            object made = Activator.CreateInstance(options)!;
            format.SetValue(made, Enum.Parse(format.PropertyType, output));
            if (culture is { CanWrite: true })
                culture.SetValue(made, CultureInfo.InvariantCulture);
            return made;
        };
    }

    /// <summary>Reads a schema with the library of the host.</summary>
    /// <exception cref="SchemaException">It is not a schema, or the host has no such library.</exception>
    public static Schema Parse(string json) => OfHost.Value.Read(json);

    /// <summary>Binds a copy of the library. The host's own is <see cref="Parse"/>'s; tests bind those of other hosts.</summary>
    internal static HostValidator Bind(Assembly library) => new(library);

    internal Schema Read(string json)
    {
        try
        {
            var schema = new Schema(this, Invoke(() => _fromText.Invoke(null, Arguments(_fromText, json))!));

            // An unknown dialect or a faulty reference appears only with the first value.
            using JsonDocument probe = JsonDocument.Parse("null");
            schema.Check(probe.RootElement);
            return schema;
        }
        catch (Exception e) when (e is not SchemaException)
        {
            throw new SchemaException($"This PowerShell cannot read the JSON Schema: {Innermost(e).Message}", e);
        }
    }

    private static Assembly Load()
    {
        try
        {
            return Assembly.Load(new AssemblyName("JsonSchema.Net"));
        }
        catch (Exception e) when (e is IOException or BadImageFormatException)
        {
            throw new SchemaException("This host lacks the JSON Schema library that PowerShell 7.4 and later bring for Test-Json, so -Schema cannot be used. Run the command in pwsh.", e);
        }
    }

    private static MethodInfo MethodOf(Type type, string name, BindingFlags binding, Func<Type, bool> takes) =>
        type.GetMethods(BindingFlags.Public | binding)
            .Where(method => method.Name == name && method.GetParameters() is [var first, .. var others] && takes(first.ParameterType) && others.All(other => other.IsOptional))
            .MinBy(method => method.GetParameters().Length) ?? throw new MissingMethodException(type.FullName, name);

    private static PropertyInfo PropertyOf(Type type, string name) => type.GetProperty(name) ?? throw new MissingMemberException(type.FullName, name);

    private static object?[] Arguments(MethodInfo method, params object?[] given)
    {
        object?[] all = new object?[method.GetParameters().Length];
        Array.Fill(all, Type.Missing);
        given.CopyTo(all, 0);
        return all;
    }

    private static object Invoke(Func<object> call)
    {
        try
        {
            return call();
        }
        catch (TargetInvocationException e)
        {
            throw Innermost(e);
        }
    }

    private static Exception Innermost(Exception e) => e is TargetInvocationException or TypeInitializationException && e.InnerException is { } inner ? Innermost(inner) : e;

    /// <summary>A schema in the library's own form.</summary>
    internal sealed class Schema(HostValidator host, object schema)
    {
        private const int MostFaults = 20;

        // The library caches its findings in the schema and the options.
        private readonly object _gate = new();
        private readonly object _verdict = host._newOptions("Flag");
        private readonly object _reasons = host._newOptions("Hierarchical");

        /// <summary>The reasons why a value does not fit; empty if it fits. Thread-safe.</summary>
        public IReadOnlyList<AnswerFault> Check(JsonElement value)
        {
            object? given = host._takesElements ? value : JsonNode.Parse(value.GetRawText());
            object results;
            lock (_gate)
            {
                // Reasons are costly, and most answers fit.
                if (IsValid(Evaluate(given, _verdict)))
                    return [];
                results = Evaluate(given, _reasons);
            }

            var faults = new List<AnswerFault>();
            Collect(results, faults);
            return faults.Count > 0 ? [.. faults.Distinct().Take(MostFaults)] : [new AnswerFault("", "The value does not fit the schema")];
        }

        private object Evaluate(object? value, object options) => Invoke(() => host._evaluate.Invoke(schema, [value, options])!);

        private bool IsValid(object results) => (bool)host._isValid.GetValue(results)!;

        // Where the schema offers a choice, a part that fits has failing alternatives. They are not faults.
        private void Collect(object results, List<AnswerFault> faults)
        {
            if (IsValid(results) || host._evaluationPath.GetValue(results)!.ToString()!.EndsWith("/if", StringComparison.Ordinal))
                return;
            string path = host._instanceLocation.GetValue(results)!.ToString()!;
            foreach (KeyValuePair<string, string> error in host._errors.GetValue(results) as IEnumerable<KeyValuePair<string, string>> ?? [])
                faults.Add(new AnswerFault(path, error.Key.Length == 0 ? "This property is not in the schema" : error.Value));
            foreach (object inner in host._details.GetValue(results) as IEnumerable ?? Array.Empty<object>())
                Collect(inner, faults);
        }
    }
}
