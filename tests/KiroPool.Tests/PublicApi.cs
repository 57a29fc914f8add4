using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace KiroPool.Tests;

/// <summary>The public types and members of an assembly, one per line, in a fixed order.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Describe(params Assembly[] assemblies)
    {
        var text = new StringBuilder();
        foreach (Assembly assembly in assemblies)
        {
            text.Append(assembly.GetName().Name).Append('\n');
            foreach (Type type in assembly.GetExportedTypes().Where(type => !type.FullName!.Contains('<', StringComparison.Ordinal)).OrderBy(type => type.FullName, StringComparer.Ordinal))
            {
                text.Append("  ").Append(Head(type)).Append('\n');
                foreach (string member in type.GetMembers(Declared).Select(Line).OfType<string>().Order(StringComparer.Ordinal))
                    text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Head(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : (type.IsAbstract, type.IsSealed) switch
        {
            (true, true) => "static class",
            (true, false) => "abstract class",
            (false, true) => "sealed class",
            _ => "class",
        };
        Type[] bases = [.. new[] { type.BaseType }.OfType<Type>().Where(t => t != typeof(object) && t != typeof(ValueType) && t != typeof(Enum)), .. type.IsEnum ? Array.Empty<Type>().AsEnumerable() : type.GetInterfaces().Where(i => i.IsVisible).OrderBy(i => i.FullName, StringComparer.Ordinal)];
        return $"{kind} {type.FullName}{(bases.Length > 0 ? " : " : "")}{string.Join(", ", bases.Select(Name))}";
    }

    /// <summary>The line of a public member; null for any other member and for compiler-generated ones.</summary>
    private static string? Line(MemberInfo member) => member switch
    {
        ConstructorInfo constructor when IsVisible(constructor) => $"new({Parameters(constructor)})",
        FieldInfo { IsPublic: true, IsSpecialName: false } field => $"{(field.IsLiteral ? "const " : "")}{Name(field.FieldType)} {field.Name}{(field.IsLiteral ? $" = {field.GetRawConstantValue()}" : "")}",
        PropertyInfo property when Accessors(property) is { Length: > 0 } accessors => $"{Name(property.PropertyType)} {property.Name} {{ {accessors} }}",
        EventInfo { AddMethod.IsPublic: true } e => $"event {Name(e.EventHandlerType!)} {e.Name}",
        MethodInfo { IsSpecialName: false } method when IsVisible(method) && !method.IsDefined(typeof(CompilerGeneratedAttribute)) =>
            $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}({Parameters(method)})",
        _ => null,
    };

    private static string Accessors(PropertyInfo property)
    {
        bool isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
        string get = property.GetMethod is { } getter && IsVisible(getter) ? "get; " : "";
        string set = property.SetMethod is { } setter && IsVisible(setter) ? (isInit ? "init; " : "set; ") : "";
        return (property.IsDefined(typeof(RequiredMemberAttribute)) && set.Length > 0 ? "required " : "") + (get + set).TrimEnd();
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && method.DeclaringType is { IsSealed: false });

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p => $"{Name(p.ParameterType)} {p.Name}{(p.IsOptional ? "?" : "")}"));

    private static string Name(Type type) =>
        Nullable.GetUnderlyingType(type) is { } value ? Name(value) + "?"
        : type.IsArray ? Name(type.GetElementType()!) + "[]"
        : type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
