namespace KiroPool.Engine.JsonRpc;

/// <summary>
/// Finds where an object ends without reading it: only strings and braces are looked at, many bytes at a time. For a
/// valid object the answer is right; whether it is valid is for whoever reads it.
/// </summary>
internal static class JsonScan
{
    /// <summary>The length of the object that <paramref name="json"/> begins with; -1 when its end is not there.</summary>
    public static int ObjectLength(ReadOnlySpan<byte> json)
    {
        int at = 0;
        int depth = 0;
        while (true)
        {
            int next = json[at..].IndexOfAny((byte)'"', (byte)'{', (byte)'}');
            if (next < 0)
                return -1;
            at += next + 1;
            switch (json[at - 1])
            {
                case (byte)'{':
                    depth++;
                    break;
                case (byte)'}' when --depth == 0:
                    return at;
                case (byte)'"':
                    int rest = StringRest(json[at..]);
                    if (rest < 0)
                        return -1;
                    at += rest;
                    break;
            }
        }
    }

    /// <summary>The length of a string behind its opening quote, the closing one included; -1 when that is not there.</summary>
    private static int StringRest(ReadOnlySpan<byte> json)
    {
        int at = 0;
        while (true)
        {
            int next = json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
                return -1;
            at += next + 1;
            if (json[at - 1] == (byte)'"')
                return at;

            // Whatever is escaped, its first character is no end.
            if (++at > json.Length)
                return -1;
        }
    }
}
