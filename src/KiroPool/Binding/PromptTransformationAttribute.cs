using System.Collections;
using System.Management.Automation;

namespace KiroPool.Binding;

/// <summary>
/// Makes a text of what -Prompt is given, lines joined, and leaves a script block what it is. PowerShell would otherwise run
/// the block itself while it binds, where what it throws is an error of no input.
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
