using Microsoft.Testing.Platform.Builder;
using Microsoft.Testing.Platform.Capabilities.TestFramework;
using Microsoft.Testing.Platform.Services;

namespace KiroPool.Pester;

/// <summary>The Pester suite as a test application, so that dotnet test runs, names and counts it like the other tests.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        ITestApplicationBuilder builder = await TestApplication.CreateBuilderAsync(arguments);
        builder.CommandLine.AddProvider(() => new PesterOptions());
        builder.RegisterTestFramework(
            _ => new TestFrameworkCapabilities(),
            (_, services) => new PesterFramework(PesterSuite.Of(services.GetCommandLineOptions())));
        SelfRegisteredExtensions.AddSelfRegisteredExtensions(builder, arguments);
        using ITestApplication application = await builder.BuildAsync();
        return await application.RunAsync();
    }
}
