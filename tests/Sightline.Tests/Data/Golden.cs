using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sightline.Tests.Data;

/// <summary>Golden files of tests/golden/images: pictures, and arrays in numpy's format.</summary>
internal static class Golden
{
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "golden", "images"));

    public static string FilePath(string name) => Path.Combine(Folder, name);

    /// <summary>Bytes and shape of a uint8 or int64 array in C order.</summary>
    public static (byte[] Bytes, int[] Shape) Load(string name)
    {
        var file = File.ReadAllBytes(FilePath(name));
        var headerLength = BitConverter.ToUInt16(file, 8);
        var header = Encoding.ASCII.GetString(file, 10, headerLength);
        Xunit.Assert.Contains("'fortran_order': False", header);
        var shape = header[(header.IndexOf('(') + 1)..header.IndexOf(')')];
        return (file[(10 + headerLength)..],
            [.. shape.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(size => int.Parse(size, CultureInfo.InvariantCulture))]);
    }

    public static long[][] LoadRows(string name)
    {
        var (bytes, shape) = Load(name);
        return [.. Enumerable.Range(0, shape[0]).Select(row =>
            Enumerable.Range(0, shape[1]).Select(column => BitConverter.ToInt64(bytes, ((row * shape[1]) + column) * 8)).ToArray())];
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
