using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using KiroPool.Formatting;

namespace KiroPool.Schemas;

/// <summary>
/// What a value that -Expand wrote was made of. Public because PowerShell reads the hidden property InputObject through it:
/// the property can be asked for, and no export, view or comparison sees it.
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

    /// <summary>Makes the hidden property known in the current runspace, once such values are about to be written there.</summary>
    internal static void Register()
    {
        var type = new TypeData(TypeName);
        type.Members.Add("InputObject", new CodePropertyData("InputObject", typeof(AnswerInput).GetMethod(nameof(GetInputObject))) { IsHidden = true });
        TypeUpdate.Apply(type);
    }

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
