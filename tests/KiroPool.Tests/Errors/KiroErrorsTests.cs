using System.Management.Automation;
using System.Reflection;
using KiroPool.Commands;
using KiroPool.Errors;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Errors;

public sealed class KiroErrorsTests
{
    private static readonly string[] Constants =
        [.. typeof(KiroErrors).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!)];

    [Fact]
    public void Every_id_is_listed_once()
    {
        Assert.Equal(Constants.Length, Constants.Distinct().Count());
        Assert.Empty(Constants.Intersect(Enum.GetNames<FailureKind>()));
        Assert.Equal(Constants.Concat(Enum.GetNames<FailureKind>()).Order(), KiroErrors.All.Keys.Order());
    }

    [Fact]
    public void Every_id_has_a_category_and_advice()
    {
        Assert.All(KiroErrors.All, error =>
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

        IEnumerable<string> numbers = command.GetProperties()
            .Where(p => p.IsDefined(typeof(ParameterAttribute)) && (p.PropertyType == typeof(int) || p.PropertyType == typeof(double)))
            .Select(p => p.Name);

        Assert.All(numbers, name =>
        {
            string script = command == typeof(StartKiroPoolCommand) ? "Start-KiroPool @Agent" : "Invoke-KiroPrompt 'x'";
            ErrorRecord error = module.Run($"{script} -{name} -7").Error;

            string id = (name.EndsWith("Sec", StringComparison.Ordinal) ? name[..^3] : name) + "OutOfRange";
            Assert.Equal($"{id},{command.FullName}", error.FullyQualifiedErrorId);
            Assert.Contains(name, error.ToString(), StringComparison.Ordinal);
            Assert.Equal(-7.0, Convert.ToDouble(error.TargetObject, System.Globalization.CultureInfo.InvariantCulture));
        });
        Assert.Equal(0, agent.LiveProcesses);
    }
}
