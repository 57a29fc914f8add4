using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace KiroPool.Formatting;

/// <summary>
/// The properties by which PowerShell shows an object whose view does not fit, because another type came before it in the
/// same output. Otherwise it would list all of them, and the text of an agent as it came. Properties that exist only here
/// are hidden: they are in no JSON, no CSV and no Get-Member.
/// </summary>
internal static class DisplaySets
{
    private const string Line = "[KiroPool.Formatting.Display]::Line";

    public static IEnumerable<TypeData> All =>
    [
        .. Of("PromptResult", ["Result", "Answer"], ("Result", "[KiroPool.Formatting.ResultView]::Header($this)"), ("Answer", $"{Line}($this.Text, 2000)")),
        .. Of("PromptUpdate", ["Index", "Kind", "Update"], ("Update", $"{Line}([string] $this, 2000)")),
        .. Of("PoolInfo", ["State", "MinSize", "MaxSize", "FilePath", "WorkingDirectory"]),
        .. Of(
            "PoolStatistics",
            ["Engine", "Agents", "Prompts", "Warm", "Doing"],
            ("Agents", """ "$($this.IdleCount) idle, $($this.ActiveCount) active, $($this.HeldCount) held, $($this.StartingCount) starting" """),
            ("Prompts", """ "$($this.Completed) completed, $($this.Failed) failed, $($this.WaitingCount) waiting" """),
            ("Warm", """ "$($this.CacheHits) $($this.CacheHits -eq 1 ? 'hit' : 'hits'), $($this.CacheMisses) $($this.CacheMisses -eq 1 ? 'miss' : 'misses')" """),
            ("Doing", "($this.Processes | ForEach-Object { [KiroPool.Formatting.StatisticsView]::Doing($_) }) -join '; '")),
        .. Of("PoolProcess", ["ProcessId", "State", "UseCount", "Doing"], ("Doing", "[KiroPool.Formatting.StatisticsView]::Doing($this)")),
        .. Of("Session", ["Name", "State", "Turns", "ProcessId"]),
        .. Of("SessionTurn", ["Number", "Asked", "Answer"], ("Asked", $"{Line}($this.Prompt, 200)"), ("Answer", $"{Line}($this.Text, 2000)")),
        .. Of("ToolCall", ["Tool"], ("Tool", "[KiroPool.Formatting.ResultView]::Tool($this)")),
        .. Of("PermissionRequest", ["Request"], ("Request", $"{Line}([string] $this, 2000)")),
        .. Of("PlanStep", ["Step"], ("Step", $"{Line}([string] $this, 2000)")),
        .. Of("AnswerBlock", ["Block"], ("Block", $"{Line}([string] $this, 2000)")),
        .. Of("KiroModel", ["Model", "IsDefault"], ("Model", $"{Line}($this.Id, 200)")),
        .. Of("KiroAgent", ["Agent", "Source"], ("Agent", $"{Line}($this.Name, 200)")),
    ];

    private static IEnumerable<TypeData> Of(string type, string[] shown, params (string Name, string Script)[] made)
    {
        (string Name, ScriptBlock Block)[] read = [.. made.Select(one => (one.Name, ScriptBlock.Create(one.Script)))];
        foreach (string name in new[] { $"KiroPool.{type}", $"Deserialized.KiroPool.{type}" })
        {
            var data = new TypeData(name) { DefaultDisplayPropertySet = new PropertySetData(shown) };
            foreach ((string property, ScriptBlock block) in read)
                data.Members.Add(property, new ScriptPropertyData(property, block) { IsHidden = true });
            yield return data;
        }
    }
}
