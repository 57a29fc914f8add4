using System.Management.Automation;
using KiroPool.Commands;
using KiroPool.Errors;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Errors;

public sealed class KiroErrorsTests
{
    [Fact]
    public void An_error_has_the_name_of_its_method_as_id()
    {
        Assert.All(ErrorCatalog.Methods, method => Assert.Equal(method.Name, ErrorCatalog.Make(method).Id));
        Assert.Empty(ErrorCatalog.Methods.Select(method => method.Name).Intersect(Enum.GetNames<FailureKind>()));
    }

    [Fact]
    public void Every_id_has_a_category_and_advice()
    {
        Assert.All(ErrorCatalog.All, error =>
        {
            Assert.NotEqual(ErrorCategory.NotSpecified, error.Value.Category);
            Assert.EndsWith(".", error.Value.Advice, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Every_failure_of_an_agent_becomes_a_record()
    {
        Assert.All(Enum.GetValues<FailureKind>(), kind =>
        {
            var cause = new AgentException(kind, "what happened") { Value = "the value" };
            ErrorRecord error = KiroErrors.Create(cause);

            Assert.Equal(kind.ToString(), error.FullyQualifiedErrorId);
            Assert.Same(cause, error.Exception);
            Assert.Equal("the value", error.TargetObject);
            Assert.Equal("what happened", error.ErrorDetails.Message);
            Assert.Equal("mine", KiroErrors.Create(cause, "mine").TargetObject);
        });
    }

    [Theory]
    [InlineData(typeof(StartKiroPoolCommand))]
    [InlineData(typeof(InvokeKiroPromptCommand))]
    public void Every_numeric_parameter_has_an_out_of_range_id(Type command)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        if (command == typeof(InvokeKiroPromptCommand))
            module.Run("Start-KiroPool @Agent -MinSize 0").WithoutError();

        Assert.All(ErrorCatalog.Numbers(command), name =>
        {
            string script = command == typeof(StartKiroPoolCommand) ? "Start-KiroPool @Agent" : "Invoke-KiroPrompt 'x'";
            ErrorRecord error = module.Run($"{script} -{name} -7").Error;

            Assert.Equal($"{ErrorCatalog.RangeId(name)},{command.FullName}", error.FullyQualifiedErrorId);
            Assert.Contains(name, error.ToString(), StringComparison.Ordinal);
            Assert.Equal(-7.0, Convert.ToDouble(error.TargetObject, System.Globalization.CultureInfo.InvariantCulture));
        });
        Assert.Equal(0, agent.LiveProcesses);
    }

    [Theory]
    [InlineData("'x' | Invoke-KiroPrompt -ThrottleLimit 0", "'Get-Help Invoke-KiroPrompt -Parameter ThrottleLimit'")]
    [InlineData("'x' | Invoke-KiroPrompt -TimeoutSec -1", "'Get-Help Invoke-KiroPrompt -Parameter TimeoutSec'")]
    [InlineData("Start-KiroPool -MaxSize 0", "'Get-Help Start-KiroPool -Parameter MaxSize'")]
    public void The_advice_on_a_range_names_the_help_of_the_parameter(string command, string help)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run(command).Error;

        Assert.StartsWith(help, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }
}
