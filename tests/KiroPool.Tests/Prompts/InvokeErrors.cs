using System.Management.Automation;

namespace KiroPool.Tests.Prompts;

internal static class InvokeErrors
{
    /// <summary>Checks the id and the category of an error of Invoke-KiroPrompt, and that it advises.</summary>
    public static void ShowsAs(ErrorRecord error, string id, ErrorCategory category)
    {
        Assert.Equal($"{id},KiroPool.Commands.InvokeKiroPromptCommand", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }
}
