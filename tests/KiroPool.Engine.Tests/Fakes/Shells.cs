namespace KiroPool.Engine.Tests.Fakes;

/// <summary>
/// The shells that a system may have as its sh. With busybox, grep and sleep are also busybox's, as on Alpine.
/// <c>apt-get install dash bash busybox zsh mksh yash ksh</c> brings all of them.
/// </summary>
internal static class Shells
{
    public static TheoryData<string> All => ["sh", "dash", "bash", "busybox", "zsh", "mksh", "yash", "ksh"];

    /// <summary>Makes a folder of tools in which sh is a shell; skips the test if it is not installed.</summary>
    /// <returns>The folder.</returns>
    public static string Link(TempFolder temp, string shell)
    {
        string? program = ((string[])["/bin/", "/usr/bin/"]).Select(folder => folder + shell).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, $"There is no {shell} here.");

        // A shell reads its own name: as sh, zsh splits words and busybox is a shell.
        string tools = temp.Folder("tools");
        foreach (string tool in shell == "busybox" ? ["sh", "grep", "sleep"] : (string[])["sh"])
            File.CreateSymbolicLink(Path.Combine(tools, tool), program!);
        return tools;
    }
}
