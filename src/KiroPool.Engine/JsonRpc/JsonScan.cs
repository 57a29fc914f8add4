namespace KiroPool.Engine.JsonRpc;

/// <summary>
/// Finds the end of an object without parsing it: it scans only strings and braces, many bytes at a time. The result
/// is right for a valid object. The later reader validates it.
/// </summary>
internal static class JsonScan
{
    /// <summary>The length of the object at the start of <paramref name="json"/>; -1 without its end.</summary>
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

    /// <summary>The length of a string after its opening quote, including the closing one; -1 without it.</summary>
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

            // The first character after a backslash never ends the string.
            if (++at > json.Length)
                return -1;
        }
    }
}
