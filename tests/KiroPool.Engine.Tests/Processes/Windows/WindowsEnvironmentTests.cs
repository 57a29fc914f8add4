using System.Collections;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Tests.Processes.Windows;

public sealed class WindowsEnvironmentTests
{
    [Fact]
    public void Names_of_the_host_that_differ_only_in_case_are_one_variable()
    {
        var host = new Hashtable { ["http_proxy"] = "b", ["HTTP_PROXY"] = "a", ["Path"] = "x" };

        Dictionary<string, string?> variables = WindowsEnvironment.Of(host, new Dictionary<string, string?>());

        Assert.Equal(["HTTP_PROXY=a", "Path=x"], variables.Select(variable => $"{variable.Key}={variable.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_change_names_a_variable_in_any_case()
    {
        var host = new Hashtable { ["Path"] = "x", ["TOKEN"] = "t" };

        Dictionary<string, string?> variables = WindowsEnvironment.Of(host, new Dictionary<string, string?> { ["PATH"] = "y", ["token"] = null });

        Assert.Equal("y", Assert.Single(variables).Value);
    }
}
