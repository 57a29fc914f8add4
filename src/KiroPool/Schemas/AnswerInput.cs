using System.Management.Automation;
using System.Runtime.CompilerServices;

namespace KiroPool.Schemas;

/// <summary>
/// What a value that -Expand wrote was made of. Public for KiroPool.Types.ps1xml alone, which makes a hidden property
/// InputObject of it: it can be asked for, and no export, view or comparison sees it.
/// </summary>
public static class AnswerInput
{
    /// <summary>The first type name of every value that a schema has given.</summary>
    internal const string TypeName = "KiroPool.AnswerValue";

    private static readonly ConditionalWeakTable<object, object> Inputs = [];

    /// <summary>The input a value answers; null if there was none.</summary>
    /// <param name="value">A value that -Expand wrote.</param>
    public static object? GetInputObject(PSObject value) =>
        value is not null && Inputs.TryGetValue(KeyOf(value), out object? input) ? input : null;

    /// <summary>Puts the input on a value, out of sight.</summary>
    internal static PSObject Attach(object value, object? input)
    {
        // An object of its own: one string may be the answer to several inputs.
        PSObject wrapped = value is PSObject made ? made : new PSObject(value);
        if (!wrapped.TypeNames.Contains(TypeName))
            wrapped.TypeNames.Insert(0, TypeName);
        if (input is not null)
            Inputs.AddOrUpdate(KeyOf(wrapped), input);
        return wrapped;
    }

    private static object KeyOf(PSObject value) => value.BaseObject is PSCustomObject or string or ValueType ? value : value.BaseObject;
}
