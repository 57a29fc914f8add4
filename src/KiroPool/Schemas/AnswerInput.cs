using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using KiroPool.Formatting;

namespace KiroPool.Schemas;

/// <summary>
/// The input of a value that -Expand wrote. Public because PowerShell reads the hidden property InputObject through it.
/// Scripts can read the property, but no export, view or comparison sees it.
/// </summary>
public static class AnswerInput
{
    /// <summary>The last type name of every value that comes from a schema. As the first one it would decide the view.</summary>
    internal const string TypeName = "KiroPool.AnswerValue";

    // As deep as the schemas of this module go, so that values pass through jobs and Clixml whole.
    private const uint SerializationDepth = 32;

    // PowerShell's own, which writes hidden properties, too.
    private const string Serializer = "System.Management.Automation.InternalSerializer";

    private static readonly ConditionalWeakTable<object, object> Inputs = [];

    /// <summary>The input of a value; null if there was none.</summary>
    /// <param name="value">A value that -Expand wrote.</param>
    /// <exception cref="NotSupportedException">A job, remoting or Clixml reads it, and then leaves the property out.</exception>
    public static object? GetInputObject(PSObject value)
    {
        if (value is null || !Inputs.TryGetValue(KeyOf(value), out object? input))
            return null;

        // There the property would be visible, and the input, written as deep as the value, would have no end: a file leads to
        // its drive, its provider and the session.
        if (IsSerialized())
            throw new NotSupportedException("The input of a value is not serialized.");
        return input;
    }

    /// <summary>Registers the hidden property in the current runspace, before such values are written there.</summary>
    internal static void Register()
    {
        var type = new TypeData(TypeName) { SerializationDepth = SerializationDepth };
        type.Members.Add("InputObject", new CodePropertyData("InputObject", typeof(AnswerInput).GetMethod(nameof(GetInputObject))) { IsHidden = true });
        TypeUpdate.Apply(type);
    }

    /// <summary>Marks a value of a schema, an object or a list of them, so that the runspace applies the type data.</summary>
    internal static object? Name(object? value)
    {
        foreach (object? one in value as object?[] ?? [value])
        {
            if (one is PSObject made && !made.TypeNames.Contains(TypeName))
                made.TypeNames.Add(TypeName);
        }

        return value;
    }

    /// <summary>Attaches the input to a value as a hidden property.</summary>
    internal static PSObject Attach(object value, object? input)
    {
        // A separate object, because one string may be the answer to several inputs.
        PSObject wrapped = value is PSObject made ? made : new PSObject(value);
        Name(wrapped);
        if (input is not null)
            Inputs.AddOrUpdate(KeyOf(wrapped), input);
        return wrapped;
    }

    private static bool IsSerialized() =>
        new StackTrace(fNeedFileInfo: false).GetFrames().Any(frame => frame.GetMethod()?.DeclaringType?.FullName == Serializer);

    private static object KeyOf(PSObject value) => value.BaseObject is PSCustomObject or string or ValueType ? value : value.BaseObject;
}
