using System.Management.Automation;
using KiroPool.Errors;
using KiroPool.Formatting;

namespace KiroPool.Binding;

/// <summary>Reports a clear error for a pool of another process, which is only a copy of its properties.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PoolTransformationAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (CopiedObject.Is(inputData, "KiroPool.PoolInfo"))
        {
            KiroException fault = KiroException.PoolFromElsewhere();
            throw new ArgumentTransformationMetadataException($"{fault.Message} {fault.Advice}");
        }

        return value;
    }
}
