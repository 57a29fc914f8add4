using System.Globalization;
using System.Text;

namespace KiroPool.Pipeline;

/// <summary>
/// Saves what answers hold besides their text. Names are made of numbers and of known endings alone: what an agent says a
/// file is called never becomes a path. No file is written over.
/// </summary>
internal sealed class ContentFiles(string directory)
{
    private const int MostNames = 10_000;

    private static readonly Dictionary<string, string> Endings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["image/png"] = ".png",
        ["image/jpeg"] = ".jpg",
        ["image/gif"] = ".gif",
        ["image/webp"] = ".webp",
        ["image/svg+xml"] = ".svg",
        ["image/bmp"] = ".bmp",
        ["image/tiff"] = ".tiff",
        ["audio/wav"] = ".wav",
        ["audio/x-wav"] = ".wav",
        ["audio/mpeg"] = ".mp3",
        ["audio/ogg"] = ".ogg",
        ["application/pdf"] = ".pdf",
        ["application/json"] = ".json",
        ["application/zip"] = ".zip",
        ["text/csv"] = ".csv",
        ["text/html"] = ".html",
        ["text/markdown"] = ".md",
    };

    /// <summary>Saves the blocks of a result that have something to save, and notes in each where it is.</summary>
    /// <exception cref="IOException">One could not be written. Its bytes are still on the result.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of a permission.</exception>
    public void Save(PromptResult result)
    {
        for (int i = 0; i < result.Content.Count; i++)
        {
            AnswerBlock block = result.Content[i];
            byte[]? bytes = block.Data ?? (block.Text is null ? null : Encoding.UTF8.GetBytes(block.Text));
            if (bytes is not null)
                block.Path = Write(string.Create(CultureInfo.InvariantCulture, $"prompt-{result.Index}-{i + 1}"), EndingOf(block), bytes);
        }
    }

    private static string EndingOf(AnswerBlock block)
    {
        string type = (block.MimeType ?? "").Split(';')[0].Trim();
        return Endings.TryGetValue(type, out string? ending) ? ending : block.Data is null ? ".txt" : ".bin";
    }

    private string Write(string name, string ending, byte[] bytes)
    {
        for (int i = 1; ; i++)
        {
            string path = Path.Combine(directory, i == 1 ? name + ending : string.Create(CultureInfo.InvariantCulture, $"{name}-{i}{ending}"));
            FileStream file;
            try
            {
                file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            }
            catch (IOException) when (i < MostNames && File.Exists(path))
            {
                continue;
            }

            using (file)
                file.Write(bytes);
            return path;
        }
    }
}
