using System.Management.Automation;

namespace KiroPool.Formatting;

/// <summary>
/// Objects that another process or host has sent: bags of properties with the names of their types. Every input is asked
/// whether it is one. For the names of any other object PowerShell makes an entry in a table, which outlives the object for long,
/// so those are not asked for their names.
/// </summary>
internal static class CopiedObject
{
    /// <summary>Whether an object is a copy of a type.</summary>
    /// <param name="input">The object.</param>
    /// <param name="type">The full name of the type.</param>
    public static bool Is(object? input, string type) =>
        input is PSObject { BaseObject: PSCustomObject } copy && copy.TypeNames.Contains($"Deserialized.{type}");

    /// <summary>The name of the type of an object, or that of the object it is a copy of.</summary>
    public static string TypeOf(PSObject input) => (input.BaseObject is PSCustomObject ? input.TypeNames.FirstOrDefault() : input.BaseObject.GetType().FullName) ?? "";
}
