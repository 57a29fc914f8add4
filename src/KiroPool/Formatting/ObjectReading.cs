using System.Management.Automation;

namespace KiroPool.Formatting;

/// <summary>Reads properties of live objects and of their copies from a job or a file.</summary>
internal static class ObjectReading
{
    /// <summary>A property without PowerShell's wrapper; null if there is none.</summary>
    public static object? Read(this PSObject value, string property) =>
        value.Properties[property]?.Value is { } found ? (found is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : found) : null;

    /// <summary>A property as text; empty if there is none.</summary>
    public static string Text(this PSObject value, string property) => LanguagePrimitives.ConvertTo<string>(value.Read(property)) ?? "";

    /// <summary>A property as a number; 0 if there is none.</summary>
    public static double Number(this PSObject value, string property) => value.Read(property) is { } number ? LanguagePrimitives.ConvertTo<double>(number) : 0;

    /// <summary>A property as a time span; null if there is none.</summary>
    public static TimeSpan? Time(this PSObject value, string property) => value.Read(property) as TimeSpan?;
}
