using System.Text;

namespace Sightline.Studio.Shared;

/// <summary>The end of a file that may still grow.</summary>
internal static class FileTail
{
    /// <summary>The last lines of a file of UTF-8; a first line that was cut is left out, one that is being written at the end is not.</summary>
    /// <param name="file">The file.</param>
    /// <param name="most">How much is read at most, bytes.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Read(string file, int most)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var from = Math.Max(0, stream.Length - most);
        stream.Position = from;
        var bytes = new byte[stream.Length - from];
        var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var text = Encoding.UTF8.GetString(bytes, 0, count);
        return from == 0 ? text : text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..];
    }
}
