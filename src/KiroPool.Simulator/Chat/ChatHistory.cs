using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>
/// The newest conversation of the process's directory, which <c>--resume</c> continues. There is no lock: two processes at
/// once each keep what they know, and the last one to end wins (kirodotdev/Kiro#9066).
/// </summary>
internal sealed class ChatHistory(string? store)
{
    private readonly string? _file = store is null ? null : Path.Combine(store, "chat-newest.jsonl");

    public List<Exchange> Read()
    {
        List<Exchange> history = [];
        if (!File.Exists(_file))
            return history;
        foreach (string line in File.ReadLines(_file))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            history.Add(new Exchange(json.RootElement.String("prompt"), json.RootElement.String("answer")));
        }

        return history;
    }

    public void Write(List<Exchange> history)
    {
        if (_file is null)
            return;
        Directory.CreateDirectory(store!);
        using FileStream file = new(_file, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        foreach (Exchange exchange in history)
        {
            using (Utf8JsonWriter json = new(file))
            {
                json.WriteStartObject();
                json.WriteString("prompt"u8, exchange.Prompt);
                json.WriteString("answer"u8, exchange.Answer);
                json.WriteEndObject();
            }

            file.Write("\n"u8);
        }
    }
}
