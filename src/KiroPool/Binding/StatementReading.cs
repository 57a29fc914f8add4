using System.Management.Automation;
using System.Management.Automation.Language;

namespace KiroPool.Binding;

/// <summary>Tells from a typed line whether the output of a command is shown, or captured by an assignment, an expression or a redirection.</summary>
internal static class StatementReading
{
    /// <summary>Whether nothing takes the output of the command. A line that is only a part of a statement counts as captured.</summary>
    public static bool IsShown(InvocationInfo invocation)
    {
        if (invocation.PipelinePosition != invocation.PipelineLength || string.IsNullOrEmpty(invocation.Line))
            return false;
        ScriptBlockAst line = Parser.ParseInput(invocation.Line, out _, out ParseError[] errors);
        if (errors.Length > 0)
            return false;
        var command = line.Find(ast => ast is CommandAst && ast.Extent.StartOffset == invocation.OffsetInLine - 1, searchNestedScriptBlocks: true) as CommandAst;
        return command is { Redirections.Count: 0 } && IsStatement(command.Parent, line);
    }

    private static bool IsStatement(Ast? parent, ScriptBlockAst line)
    {
        for (; parent is not null && parent != line; parent = parent.Parent)
        {
            if (parent is not (PipelineAst or NamedBlockAst or StatementBlockAst or LabeledStatementAst or IfStatementAst or TryStatementAst or CatchClauseAst))
                return false;
        }

        return parent == line;
    }
}
