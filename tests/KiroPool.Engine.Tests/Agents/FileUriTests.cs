using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Agents;

public sealed class FileUriTests
{
    [Theory]
    [InlineData(@"C:\x", "file:///C:/x")]
    [InlineData(@"C:\", "file:///C:/")]
    [InlineData(@"c:\a b\ü#?%2D.txt", "file:///c:/a%20b/%C3%BC%23%3F%252D.txt")]
    [InlineData(@"\\?\C:\x\y", "file:///C:/x/y")]
    [InlineData(@"\\.\C:\x", "file:///C:/x")]
    [InlineData(@"\\server\share\a b", "file://server/share/a%20b")]
    [InlineData(@"\\server\share", "file://server/share")]
    [InlineData(@"\\?\UNC\server\share\x", "file://server/share/x")]
    [InlineData(@"\\?\unc\server\share\x", "file://server/share/x")]
    [InlineData(@"\\wsl$\Debian\home\x", "file://wsl$/Debian/home/x")]
    [InlineData(@"\\wsl.localhost\Debian\x", "file://wsl.localhost/Debian/x")]
    [InlineData(@"\\my server\c$\x", "file://my%20server/c%24/x")]
    [InlineData("C:/x/y", "file:///C:/x/y")]
    public void A_Windows_path_becomes_a_URI_of_its_drive_or_share(string path, string uri) => Assert.Equal(uri, FileUri.OfWindows(path));

    [Theory]
    [InlineData("/a b/c", "file:///a%20b/c")]
    [InlineData("/a%2Db", "file:///a%252Db")]
    [InlineData(@"/a\b:c", "file:///a%5Cb%3Ac")]
    [InlineData("//double", "file:////double")]
    public void A_Unix_path_is_escaped_segment_by_segment(string path, string uri) => Assert.Equal(uri, FileUri.OfUnix(path));
}
