using System.Runtime.InteropServices;

namespace KiroPool.Testing;

/// <summary>Wine, on which the Windows tests run where there is no Windows.</summary>
internal static class Wine
{
    /// <summary>Whether this process runs in it. Its ntdll has a function that Windows has not.</summary>
    public static bool IsHere { get; } =
        OperatingSystem.IsWindows() && NativeLibrary.TryGetExport(NativeLibrary.Load("ntdll.dll"), "wine_get_version", out _);
}
