using System.Xml.Linq;

namespace KiroPool.Tests.Help;

/// <summary>A cmdlet in KiroPool.dll-Help.xml, which is what Get-Help shows.</summary>
internal sealed class HelpMaml(XElement command)
{
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    public static string File { get; } = Path.Combine(HelpPage.Folder, "KiroPool.dll-Help.xml");

    /// <summary>All commands by name.</summary>
    public static IReadOnlyDictionary<string, HelpMaml> All { get; } =
        XDocument.Load(File).Root!.Elements(Command + "command").Select(command => new HelpMaml(command)).ToDictionary(command => command.Name);

    public string Name => command.Element(Command + "details")!.Element(Command + "name")!.Value;

    public string Synopsis => Text(command.Element(Command + "details")!.Element(Maml + "description"));

    public string Description => Text(command.Element(Maml + "description"));

    public string Notes => Text(command.Element(Maml + "alertSet")?.Element(Maml + "alert"));

    public IReadOnlyDictionary<string, string> Parameters => ParametersOf(command.Element(Command + "parameters")!)
        .ToDictionary(NameOf, parameter => Text(parameter.Element(Maml + "description")));

    public IReadOnlyDictionary<string, string> Defaults => ParametersOf(command.Element(Command + "parameters")!)
        .ToDictionary(NameOf, parameter => parameter.Element(Dev + "defaultValue")!.Value);

    /// <summary>The parameters of each syntax.</summary>
    public IReadOnlyList<string[]> Syntaxes =>
        [.. command.Element(Command + "syntax")!.Elements(Command + "syntaxItem").Select(item => ParametersOf(item).Select(NameOf).ToArray())];

    public IReadOnlyList<HelpExample> Examples =>
    [
        .. command.Element(Command + "examples")!.Elements(Command + "example").Select(example => new HelpExample(
            example.Element(Maml + "title")!.Value.Trim('-', ' '),
            example.Element(Dev + "code")!.Value,
            Text(example.Element(Dev + "remarks")))),
    ];

    private static IEnumerable<XElement> ParametersOf(XElement parent) => parent.Elements(Command + "parameter");

    private static string NameOf(XElement parameter) => parameter.Element(Maml + "name")!.Value;

    private static string Text(XElement? parent) =>
        string.Join("\n\n", (parent?.Elements(Maml + "para") ?? []).Select(paragraph => paragraph.Value).Where(text => text.Length > 0));
}
