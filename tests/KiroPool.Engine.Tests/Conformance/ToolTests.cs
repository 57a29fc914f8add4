using System.Text.Json;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>Tool calls, permissions and whatever else an agent on the official SDK asks of its client.</summary>
public sealed class ToolTests
{
    [Fact]
    public async Task A_tool_call_is_told_at_each_step_and_shown_as_it_ended()
    {
        await using var bench = new ConformanceBench();
        var seen = new List<(string Id, string Title, string Status)>();

        PromptResult result = await bench.RunAsync("tool", update =>
        {
            if (update.ToolCall is { } call)
                seen.Add((call.Id, call.Title, call.Status));
        });

        Assert.Equal(
            [
                ("read-1", "Reading notes", "pending"),
                ("read-1", "Reading notes", "in_progress"),
                ("read-1", "Read notes", "completed"),
                ("edit-1", "Editing notes", "in_progress"),
                ("edit-1", "Editing notes", "failed"),
            ],
            seen);
        Assert.Equal(
            [("read-1", "Read notes", "read", "completed", null), ("edit-1", "Editing notes", "edit", "failed", (string?)null)],
            result.ToolCalls.Select(c => (c.Id, c.Title, c.Kind, c.Status, c.Permission)));
        Assert.Equal(bench.Spec.WorkingDirectory + "/notes.txt", Assert.Single(result.ToolCalls[0].Locations));
        Assert.Equal(("Completed", "Done with the tools."), (result.Outcome, result.Text));
    }

    [Fact]
    public async Task A_permission_nobody_can_give_is_refused_this_once_and_the_turn_goes_on()
    {
        await using var bench = new ConformanceBench();
        var seen = new List<(string Status, string? Permission)>();

        PromptResult result = await bench.RunAsync("ask", update =>
        {
            if (update.ToolCall is { } call)
                seen.Add((call.Status, call.Permission));
        });

        // "d" is the option of kind reject_once.
        Assert.Equal(("Completed", "You chose d."), (result.Outcome, result.Text));
        Assert.Equal([("pending", null), ("pending", "Rejected"), ("failed", "Rejected")], seen);
        ToolCall call = Assert.Single(result.ToolCalls);
        Assert.Equal(("run-1", "Running a command", "execute", "failed"), (call.Id, call.Title, call.Kind, call.Status));
        Assert.Equal(("Rejected", "Nobody"), (call.Permission, call.DecidedBy));
    }

    [Fact]
    public async Task A_question_that_comes_while_the_turn_is_being_cancelled_is_answered_with_cancelled()
    {
        await using var bench = new ConformanceBench();

        PromptFailedException cancelled = await bench.CancelAsync("askLate");
        JsonElement journal = await bench.AskAsync("journal");

        Assert.Equal("Cancelled", cancelled.Result.Outcome);
        Assert.Equal("cancelled", journal.GetProperty("lateAnswer").GetString());
    }

    [Fact]
    public async Task What_was_not_advertised_is_refused_as_a_method_that_is_not_there()
    {
        await using var bench = new ConformanceBench();

        PromptResult result = await bench.RunAsync("reach");

        Assert.Equal("fs/read_text_file: -32601. terminal/create: -32601. _vendor/unheard: -32601. ", result.Text);
    }
}
