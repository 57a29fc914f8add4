using System.Text.Json;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>Tool calls, permissions and other requests of an agent on the official SDK.</summary>
public sealed class ToolTests
{
    [Fact]
    public async Task Each_step_of_a_tool_call_is_an_update_and_the_result_shows_the_last()
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
    public async Task Without_a_handler_a_permission_is_rejected_once_and_the_turn_goes_on()
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
    public async Task A_question_during_a_cancel_is_answered_with_cancelled()
    {
        await using var bench = new ConformanceBench();

        PromptFailedException cancelled = await bench.CancelAsync("askLate");
        JsonElement journal = await bench.AskAsync("journal");

        Assert.Equal("Cancelled", cancelled.Result.Outcome);
        Assert.Equal("cancelled", journal.GetProperty("lateAnswer").GetString());
    }

    [Fact]
    public async Task A_method_that_was_not_advertised_is_refused_as_unknown()
    {
        await using var bench = new ConformanceBench();

        PromptResult result = await bench.RunAsync("reach");

        Assert.Equal("fs/read_text_file: -32601. terminal/create: -32601. _vendor/unheard: -32601. ", result.Text);
    }
}
