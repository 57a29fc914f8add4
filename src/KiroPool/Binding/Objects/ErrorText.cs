using System.Management.Automation;
using System.Text;

namespace KiroPool.Binding.Objects;

/// <summary>Readable errors, warnings and similar records: the output of ConciseView and Get-Error, without colours.</summary>
internal static class ErrorText
{
    private const string DeserializedError = "Deserialized.System.Management.Automation.ErrorRecord";
    private const string DeserializedException = "Deserialized.System.Exception";

    /// <summary>The text of an error, an exception or a record of another stream; null for any other object.</summary>
    public static string? Of(PSObject wrapped) => wrapped.BaseObject switch
    {
        ErrorRecord error => Of(error),
        Exception exception => Of(exception),
        InformationalRecord record => record.Message,
        InformationRecord record => record.MessageData?.ToString() ?? "",
        ProgressRecord record => record.ToString(),
        PSCustomObject when wrapped.TypeNames.Contains(DeserializedError) => OfCopy(wrapped),
        PSCustomObject when wrapped.TypeNames.Contains(DeserializedException) => Read(wrapped, "Message") ?? wrapped.ToString(),
        _ => null,
    };

    private static string Of(ErrorRecord error)
    {
        // Each stderr line of a native command is an error record that has only this line.
        if (error.FullyQualifiedErrorId.StartsWith("NativeCommandError", StringComparison.Ordinal))
            return error.Exception?.Message ?? error.ToString();
        var text = new StringBuilder(error.ErrorDetails?.Message is { Length: > 0 } details ? details : error.Exception?.Message ?? error.ToString());
        text.AppendLine();
        Add(text, "Id", error.FullyQualifiedErrorId);
        Add(text, "Category", error.CategoryInfo?.ToString());
        if (error.Exception is { } exception)
            Add(text, "Exception", Chain(exception));
        Add(text, "Recommended action", error.ErrorDetails?.RecommendedAction);
        Add(text, "Position", error.InvocationInfo?.PositionMessage);
        Add(text, "Script stack trace", error.ScriptStackTrace);
        return text.ToString().TrimEnd();
    }

    private static string Of(Exception exception)
    {
        var text = new StringBuilder(exception.Message).AppendLine();
        Add(text, "Exception", Chain(exception));
        Add(text, "Stack trace", exception.StackTrace);
        return text.ToString().TrimEnd();
    }

    /// <summary>A deserialized error, whose properties have other names.</summary>
    private static string OfCopy(PSObject error)
    {
        var text = new StringBuilder(Read(error, "ErrorDetails_Message") is { Length: > 0 } details ? details : error.ToString()).AppendLine();
        Add(text, "Id", Read(error, "FullyQualifiedErrorId"));
        Add(text, "Category", Read(error, "ErrorCategory_Message") ?? Read(error, "CategoryInfo"));
        Add(text, "Script stack trace", Read(error, "ErrorDetails_ScriptStackTrace"));
        return text.ToString().TrimEnd();
    }

    /// <summary>The type of an exception, and type and message of its causes.</summary>
    private static string Chain(Exception exception)
    {
        const int most = 8;
        var text = new StringBuilder(exception.GetType().FullName);
        Exception? cause = exception.InnerException;
        for (int i = 0; i < most && cause is not null; i++, cause = cause.InnerException)
            text.Append(" <- ").Append(cause.GetType().FullName).Append(": ").Append(cause.Message);
        return text.ToString();
    }

    private static void Add(StringBuilder text, string name, string? value)
    {
        if (!string.IsNullOrWhiteSpace(value))
            text.Append(name).Append(": ").AppendLine(value.Trim());
    }

    private static string? Read(PSObject copy, string name) => copy.Properties[name]?.Value?.ToString();
}
