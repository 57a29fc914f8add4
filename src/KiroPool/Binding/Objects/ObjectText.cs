using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Security;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using KiroPool.Errors;

namespace KiroPool.Binding.Objects;

/// <summary>
/// Converts an object to the text that PowerShell shows: an error becomes its message and details, a text-like object its
/// text, an object with its own text view that output, and any other object JSON of its visible properties. Used only on
/// the pipeline thread.
/// </summary>
/// <param name="depth">The number of nested levels that become JSON. Deeper levels become text.</param>
/// <param name="maxBytes">The limit of one object in bytes.</param>
/// <param name="views">The views of PowerShell.</param>
internal sealed class ObjectText(int depth, int maxBytes, ObjectViews views)
{
    public const int DefaultDepth = 2;
    public const int DefaultMaxBytes = 256 * 1024;

    /// <summary>Whether an object had deeper levels, which became text.</summary>
    public bool WasCut { get; private set; }

    /// <summary>The text of an object.</summary>
    /// <exception cref="KiroException">The text is larger than the limit.</exception>
    public string Of(PSObject input) => Bounded(input, kept =>
    {
        if (Plain(input) is { } text)
        {
            Encoding.UTF8.GetBytes(text, kept);
            return;
        }

        if (views.Of(input).IsPrinted)
        {
            ObjectViews.Print([input], kept);
            return;
        }

        var json = new ObjectJson(depth, views);
        json.Write(kept, input);
        WasCut |= json.WasCut;
    });

    /// <summary>The printed output of Format-Table and similar cmdlets.</summary>
    /// <exception cref="KiroException">The text is larger than the limit.</exception>
    public string OfPrinted(IReadOnlyList<PSObject> document) => Bounded(document[0], kept => ObjectViews.Print(document, kept));

    /// <summary>The text of a text-like object; null for all others.</summary>
    public static string? Plain(PSObject wrapped) => wrapped.BaseObject switch
    {
        string text => text,
        char c => c.ToString(),
        Enum value => value.ToString(),
        bool value => value ? "True" : "False",
        StringBuilder text => text.ToString(),
        DateTime time => XmlConvert.ToString(time, XmlDateTimeSerializationMode.RoundtripKind),
        DateTimeOffset time => XmlConvert.ToString(time),
        XmlNode xml => xml.OuterXml,
        XObject xml => xml.ToString(),
        JsonElement json => json.ValueKind == JsonValueKind.Undefined ? "" : json.GetRawText(),
        JsonDocument json => json.RootElement.GetRawText(),
        JsonNode json => json.ToJsonString(ObjectJson.Readable),
        FileSystemInfo file => file.FullName,
        Regex or Uri or ScriptBlock => wrapped.BaseObject.ToString(),

        // Its content is never sent.
        SecureString => wrapped.BaseObject.GetType().FullName,
        IFormattable value and not IEnumerable => value.ToString(null, CultureInfo.InvariantCulture),
        _ => ErrorText.Of(wrapped),
    };

    private string Bounded(PSObject input, Action<BoundedBytes> write)
    {
        var kept = new BoundedBytes(maxBytes);
        try
        {
            write(kept);
            if (!kept.IsTooLong)
                return Encoding.UTF8.GetString(kept.Written);
        }
        catch (BoundedBytes.TooLongException)
        {
            // Reported below.
        }

        string type = input.TypeNames.FirstOrDefault() ?? input.BaseObject.GetType().Name;
        string size = kept.Length.ToString("N0", CultureInfo.InvariantCulture);
        throw KiroException.InputTooLarge(type, kept.IsCounted ? size : $"more than {size}", maxBytes);
    }
}
