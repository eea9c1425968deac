using System.Text;

namespace Sightline.Runs;

/// <summary>Reads the lines that are appended to a file, as they come; a file that was written anew is read from its begin.</summary>
internal sealed class LineTail(string file)
{
    private long _read;
    private long _length;

    /// <summary>The whole lines since the last call; none where the file is not there or cannot be read at the moment.</summary>
    public IReadOnlyList<string> New()
    {
        try
        {
            var info = new FileInfo(file);
            if (!info.Exists || info.Length == _length)
            {
                return [];
            }

            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            _read = stream.Length < _read ? 0 : _read;
            stream.Seek(_read, SeekOrigin.Begin);
            var bytes = new byte[stream.Length - _read];
            stream.ReadExactly(bytes);
            var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1; // The rest is still being written.
            (_read, _length) = (_read + whole, _read + bytes.Length);
            return [.. Encoding.UTF8.GetString(bytes, 0, whole).Split('\n').Select(line => line.TrimEnd('\r')).Where(line => !string.IsNullOrWhiteSpace(line))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // The next call may have more luck.
        }
    }
}
