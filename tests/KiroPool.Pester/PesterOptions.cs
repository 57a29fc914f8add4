using Microsoft.Testing.Platform.CommandLine;
using Microsoft.Testing.Platform.Extensions;
using Microsoft.Testing.Platform.Extensions.CommandLine;

namespace KiroPool.Pester;

/// <summary>The command-line options of this project beside those of every test application.</summary>
internal sealed class PesterOptions : ICommandLineOptionsProvider
{
    public const string File = "filter-file";
    public const string Name = "filter-name";
    public const string Pwsh = "pwsh";
    public const string Pester = "pester";

    public string Uid => nameof(PesterOptions);

    public string Version => "1.0.0";

    public string DisplayName => "Pester options";

    public string Description => "Which tests run, in which pwsh, on which Pester.";

    public Task<bool> IsEnabledAsync() => Task.FromResult(true);

    public IReadOnlyCollection<CommandLineOption> GetCommandLineOptions() =>
    [
        new(File, "Only the files of these names without '.Tests.ps1'; wildcards are allowed.", ArgumentArity.OneOrMore, isHidden: false),
        new(Name, "Only the tests of these names; wildcards are allowed. A name is that of the blocks and of the test, with dots between them.", ArgumentArity.OneOrMore, isHidden: false),
        new(Pwsh, "The program of an installed PowerShell. Default: the tool package's, which runs in dotnet.", ArgumentArity.ExactlyOne, isHidden: false),
        new(Pester, "The version of Pester, among the restored ones. Default: the newest.", ArgumentArity.ExactlyOne, isHidden: false),
    ];

    public Task<ValidationResult> ValidateOptionArgumentsAsync(CommandLineOption commandOption, string[] arguments) => ValidationResult.ValidTask;

    public Task<ValidationResult> ValidateCommandLineOptionsAsync(ICommandLineOptions commandLineOptions) => ValidationResult.ValidTask;
}
