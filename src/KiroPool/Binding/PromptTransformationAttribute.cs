using System.Collections;
using System.Management.Automation;

namespace KiroPool.Binding;

/// <summary>
/// Converts the value of -Prompt to text with joined lines, and keeps a script block. Otherwise PowerShell would run the
/// block during binding, where its error would belong to no input.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PromptTransformationAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject { BaseObject: not PSCustomObject and var bare } ? bare : inputData) switch
        {
            null => null,
            ScriptBlock block => block,
            string text => text,
            IEnumerable lines => string.Join('\n', lines.Cast<object?>().Select(line => LanguagePrimitives.ConvertTo<string>(line))),
            var value => LanguagePrimitives.ConvertTo<string>(value),
        };
}
