using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;
using System.Text;

namespace KiroPool.Tests.Harness;

/// <summary>A host that records its output and types given lines.</summary>
internal sealed class ScriptedHost(params string[] lines) : PSHost
{
    private readonly ScriptedUI _ui = new(lines);

    /// <summary>The output without colours.</summary>
    public string Screen => _ui.Screen;

    /// <summary>All that was shown, as it was sent.</summary>
    public string Raw => _ui.Raw;

    /// <summary>Makes the host one that has no choices.</summary>
    public bool CannotChoose
    {
        init => _ui.CannotChoose = value;
    }

    /// <summary>Types another line.</summary>
    public void Type(string line) => _ui.Type(line);

    public override string Name => nameof(ScriptedHost);

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => _ui;

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    private sealed class ScriptedUI : PSHostUserInterface
    {
        private readonly StringBuilder _screen = new();
        private readonly BlockingCollection<string> _typed = [];

        public ScriptedUI(string[] lines)
        {
            foreach (string line in lines)
                _typed.Add(line);
        }

        public string Screen
        {
            get
            {
                lock (_screen)
                    return new StringDecorated(_screen.ToString()).ToString(OutputRendering.PlainText);
            }
        }

        public string Raw
        {
            get
            {
                lock (_screen)
                    return _screen.ToString();
            }
        }

        public override PSHostRawUserInterface RawUI { get; } = new WideRawUI();

        public bool CannotChoose { get; set; }

        public void Type(string line) => _typed.Add(line);

        /// <summary>The next line of the script, which may be typed later. A missing one fails the test by its limit.</summary>
        public override string ReadLine() =>
            _typed.TryTake(out string? line, Eventually.Limit) ? line : throw new HostException("The script has no more lines.");

        public override void Write(string value)
        {
            lock (_screen)
                _screen.Append(value);
        }

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

        public override void WriteLine(string value) => Write(value + "\n");

        public override void WriteErrorLine(string value) => WriteLine("ERROR: " + value);

        public override void WriteDebugLine(string message) => WriteLine("DEBUG: " + message);

        public override void WriteVerboseLine(string message) => WriteLine("VERBOSE: " + message);

        public override void WriteWarningLine(string message) => WriteLine("WARNING: " + message);

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw new NotSupportedException();

        /// <summary>The next line of the script selects the choice by its shortcut letter.</summary>
        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            if (CannotChoose)
                throw new HostException("This host has no choices.");
            Write(message + Environment.NewLine);
            string typed = ReadLine();
            return choices.ToList().FindIndex(choice => choice.Label.Contains("&" + typed, StringComparison.OrdinalIgnoreCase));
        }

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw new NotSupportedException();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw new NotSupportedException();
    }

    /// <summary>A window of a fixed size, which is all that formatting needs.</summary>
    private sealed class WideRawUI : PSHostRawUserInterface
    {
        public override Size BufferSize { get; set; } = new(120, 50);

        public override Size WindowSize { get; set; } = new(120, 50);

        public override Size MaxWindowSize => WindowSize;

        public override Size MaxPhysicalWindowSize => WindowSize;

        public override Coordinates CursorPosition { get; set; }

        public override Coordinates WindowPosition { get; set; }

        public override int CursorSize { get; set; } = 25;

        public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

        public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

        public override bool KeyAvailable => false;

        public override string WindowTitle { get; set; } = "";

        public override void FlushInputBuffer()
        {
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw new NotSupportedException();

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new NotSupportedException();

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw new NotSupportedException();
    }
}
