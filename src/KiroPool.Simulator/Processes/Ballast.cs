using System.Runtime.InteropServices;

namespace KiroPool.Simulator;

/// <summary>Memory that counts: resident because touched, and never given back.</summary>
internal static unsafe class Ballast
{
    private const int PageBytes = 4096;

    public static void Add(int mebiBytes)
    {
        if (mebiBytes <= 0)
            return;
        nuint size = (nuint)mebiBytes * 1024 * 1024;
        byte* memory = (byte*)NativeMemory.Alloc(size);
        for (nuint i = 0; i < size; i += PageBytes)
            memory[i] = 1;
    }
}
