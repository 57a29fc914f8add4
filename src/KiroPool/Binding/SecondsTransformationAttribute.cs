using System.Globalization;
using System.Management.Automation;

namespace KiroPool.Binding;

/// <summary>Lets a parameter in seconds take a time span too: 300, '00:05:00' or New-TimeSpan -Minutes 5.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecondsTransformationAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            TimeSpan time => time.TotalSeconds,
            string text when text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan time) => time.TotalSeconds,
            var other => other,
        };
}
