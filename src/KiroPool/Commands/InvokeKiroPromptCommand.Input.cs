using System.Globalization;
using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Binding.Objects;
using KiroPool.Engine.Agents;
using KiroPool.Errors;
using KiroPool.Formatting;

namespace KiroPool.Commands;

/// <content>The prompts and their input.</content>
public sealed partial class InvokeKiroPromptCommand
{
    // No model accepts a larger prompt, so more input is a mistake.
    private const int MaxCollectedCharacters = 16 * 1024 * 1024;

    private readonly List<object?> _collected = [];
    private readonly List<PromptContent> _collectedContents = [];
    private readonly PrintedInput _printed = new();
    private KiroException? _collectedFault;
    private long _collectedCharacters;
    private ObjectText? _objects;
    private PromptInput? _reader;
    private IReadOnlyList<PromptPart> _attached = [];
    private string? _promptText;
    private ScriptBlock? _promptBlock;
    private bool _cutWasSaid;

    /// <summary>
    /// What to do: a text, or a script block that makes it from each input, which is $_ in it. Piped input goes with a text.
    /// Without -Prompt, each input is a prompt itself.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [PromptTransformation]
    [AllowEmptyString]
    [AllowNull]
    public object? Prompt { get; set; }

    /// <summary>The input: strings, prompt files; with -Prompt, what the prompt is about.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [AllowEmptyString]
    public PSObject? InputObject { get; set; }

    /// <summary>Files and directories as input; wildcards are allowed. An existing name is taken literally.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>Files and directories as input, by literal names.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>Files and directories that go with every prompt, after its input; wildcards are allowed. An existing name is taken literally.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Attachment { get; set; }

    /// <summary>Files and directories that go with every prompt, by literal names.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralAttachment { get; set; }

    /// <summary>Sends the text of files (UTF-8, at most 1 MiB each) instead of links to them.</summary>
    [Parameter]
    public SwitchParameter Embed { get; set; }

    /// <summary>Joins the whole input into one prompt.</summary>
    [Parameter]
    public SwitchParameter Collect { get; set; }

    /// <summary>The number of nested levels of an object that become JSON, as in ConvertTo-Json. Deeper levels become text. 0 to 100. Default 2.</summary>
    [Parameter]
    public int Depth { get; set; } = ObjectText.DefaultDepth;

    /// <summary>The largest size of an object as text in bytes (UTF-8): 1 KB to 16 MB. Strings and files have their own limits. Default 256 KB.</summary>
    [Parameter]
    public int MaxObjectSize { get; set; } = ObjectText.DefaultMaxBytes;

    private bool HasInput => ParameterSetName != InputSet || MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(InputObject));

    private void ReadPromptParameter()
    {
        if (!MyInvocation.BoundParameters.ContainsKey(nameof(Prompt)))
            return;
        _promptBlock = Prompt as ScriptBlock;
        if (_promptBlock is not null)
            return;
        _promptText = Prompt as string;
        if (string.IsNullOrWhiteSpace(_promptText))
            throw Terminate(KiroErrors.Create(KiroException.PromptEmpty(Prompt)));
    }

    private IReadOnlyList<PromptPart> ReadAttached()
    {
        try
        {
            return [.. Items(Attachment, isLiteral: false).Concat(Items(LiteralAttachment, isLiteral: true)).Select(item => _reader!.ReadFile(item.FullName))];
        }
        catch (KiroException e)
        {
            throw Terminate(KiroErrors.Create(e, Attachment ?? LiteralAttachment));
        }

        IEnumerable<FileSystemInfo> Items(string[]? paths, bool isLiteral)
        {
            foreach (string path in paths ?? [])
            {
                IReadOnlyList<ResolvedItem> found = SessionState.ResolveItems(path, isLiteral);
                if (found.Count == 0)
                    throw KiroException.PathNotFound($"No file or directory matches '{path}', so there is nothing to attach.");
                foreach (ResolvedItem item in found)
                    yield return item.Item ?? throw item.Fault!;
            }
        }
    }

    private void TakeInput()
    {
        // The output of Format-Table and similar cmdlets is one text in many objects.
        if (InputObject is not null && _printed.Take(InputObject))
        {
            if (_printed.IsWhole)
                TakePrinted();
            return;
        }

        Take(InputTravel.Unwrap(InputObject));
    }

    private void TakePaths()
    {
        foreach (ResolvedItem found in (Path ?? LiteralPath!).SelectMany(path => SessionState.ResolveItems(path, isLiteral: LiteralPath is not null)))
        {
            if (found.Item is not null)
                Take(found.Item);
            else
                Refuse(found.Path, found.Fault!);
        }
    }

    private void EndInput()
    {
        if (!_printed.IsEmpty)
            TakePrinted();
        if (_collected.Count > 0)
            Run(_collected.ToArray(), () => _collectedFault is null ? ReadCollected() : throw _collectedFault);
    }

    private void TakePrinted()
    {
        IReadOnlyList<PSObject> document = _printed.TakeAll();
        string text;
        try
        {
            text = _objects!.OfPrinted(document);
        }
        catch (KiroException e)
        {
            Refuse(document[0], e);
            return;
        }

        Take(text);
    }

    /// <summary>One input, with its own prompt as a property if it has one.</summary>
    private void Take(object? input)
    {
        if (!Collect)
        {
            Run(input, () => ReadPrompt(input));
            return;
        }

        _collected.Add(input);
        if (_collectedFault is not null)
            return;
        try
        {
            PromptContent content = ReadPrompt(input);
            _collectedContents.Add(content);
            _collectedCharacters += (_promptText is null ? content.Prompt?.Length ?? 0 : 0) + content.Attachments.Sum(PromptInput.LengthOf);
        }
        catch (KiroException e)
        {
            _collectedFault = e;
        }

        if (_collectedCharacters + _attached.Sum(PromptInput.LengthOf) > MaxCollectedCharacters)
            throw Terminate(KiroErrors.Create(KiroException.CollectedInputTooLarge(MaxCollectedCharacters)));
    }

    /// <summary>Reports an invalid input. A collected prompt fails as a whole, because it would be incomplete.</summary>
    private void Refuse(object target, KiroException fault)
    {
        if (!Collect)
        {
            Run(target, () => throw fault);
            return;
        }

        _collected.Add(target);
        _collectedFault ??= fault;
    }

    private PromptContent ReadPrompt(object? input)
    {
        if (_promptBlock is not null)
            return new(PromptBlock.Run(_promptBlock, input), input is FileSystemInfo ? _reader!.ReadAttachments(input) : []);
        if (_promptText is not null)
        {
            IReadOnlyList<PromptPart> parts = _reader!.ReadAttachments(input);
            SayWhatWasCut();
            return new(_promptText, parts) { IsAboutNothing = !Collect && HasInput && PromptInput.IsBlank(parts) };
        }

        // A result of another prompt also has a property Prompt, but the user hardly wants to ask the same again.
        if (Prompt is not null && !PromptInput.IsResult(input))
            return new(Prompt.ToString(), []);
        if (!HasInput)
            throw KiroException.PromptMissing("There is neither a prompt nor input. Give a prompt: Invoke-KiroPrompt 'Explain this repository'.");
        return new(PromptInput.ReadText(input), []);
    }

    private PromptContent ReadCollected()
    {
        IEnumerable<PromptPart> parts = _collectedContents.SelectMany(one => one.Attachments);
        if (_promptText is null)
            return new(string.Join('\n', _collectedContents.Select(one => one.Prompt)), [.. parts]);
        IReadOnlyList<PromptPart> joined = PromptInput.Join(parts);
        return new(_promptText, joined) { IsAboutNothing = HasInput && PromptInput.IsBlank(joined) };
    }

    private void SayWhatWasCut()
    {
        if (!_objects!.WasCut || _cutWasSaid)
            return;
        _cutWasSaid = true;
        WriteWarning(string.Create(CultureInfo.InvariantCulture, $"Prompt {_nextIndex - 1}: the input has more levels than -Depth {Depth}, so deeper levels are sent as text. Later cases are not reported."));
    }
}
