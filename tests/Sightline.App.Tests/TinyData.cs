using System.Buffers.Binary;

namespace Sightline.App.Tests;

/// <summary>Data sets small enough to train on within a second.</summary>
internal static class TinyData
{
    private const int Side = 8;

    /// <summary>IDX files: classes told apart by brightness, the same number of pictures of each.</summary>
    public static string WriteIdx(string folder, int classes = 2, int train = 32, int test = 8)
    {
        Directory.CreateDirectory(folder);
        WritePart(folder, "train", classes, train);
        WritePart(folder, "t10k", classes, test);
        return folder;
    }

    /// <summary>IDX files of 16 x 16 pictures: an arch open below (<c>0</c>) or above (<c>1</c>), as 6 and 9 are each other's picture upside down.</summary>
    public static string WriteArches(string folder, int train, int test)
    {
        Directory.CreateDirectory(folder);
        foreach (var (part, count) in new[] { ("train", train), ("t10k", test) })
        {
            const int Arch = 16;
            var pixels = new byte[16 + (count * Arch * Arch)];
            WriteHeader(pixels, 0x803, count, Arch, Arch);
            var labels = new byte[8 + count];
            WriteHeader(labels, 0x801, count);
            for (var i = 0; i < count; i++)
            {
                labels[8 + i] = (byte)(i % 2);
                for (var p = 0; p < Arch * Arch; p++)
                {
                    var (x, y) = (p % Arch, i % 2 == 0 ? p / Arch : Arch - 1 - (p / Arch));
                    var isInk = (y is 3 or 4 && x is > 2 and < 13) || (y is > 3 and < 13 && x is 3 or 4 or 11 or 12);
                    pixels[16 + (i * Arch * Arch) + p] = (byte)((isInk ? 200 : 20) + (((i * 31) + (p * 17)) % 37));
                }
            }

            File.WriteAllBytes(Path.Combine(folder, $"{part}-images-idx3-ubyte"), pixels);
            File.WriteAllBytes(Path.Combine(folder, $"{part}-labels-idx1-ubyte"), labels);
        }

        return folder;
    }

    private static void WritePart(string folder, string part, int classes, int count)
    {
        var pixels = new byte[16 + count * Side * Side];
        WriteHeader(pixels, 0x803, count, Side, Side);
        var labels = new byte[8 + count];
        WriteHeader(labels, 0x801, count);
        for (var i = 0; i < count; i++)
        {
            var label = i % classes;
            labels[8 + i] = (byte)label;
            for (var p = 0; p < Side * Side; p++)
            {
                pixels[16 + i * Side * Side + p] = (byte)(40 + 160 * label / classes + (i * 7 + p * 13) % 40);
            }
        }

        File.WriteAllBytes(Path.Combine(folder, $"{part}-images-idx3-ubyte"), pixels);
        File.WriteAllBytes(Path.Combine(folder, $"{part}-labels-idx1-ubyte"), labels);
    }

    private static void WriteHeader(byte[] target, params int[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(target.AsSpan(4 * i), values[i]);
        }
    }

    /// <summary>Class folders <c>bright</c> and <c>dark</c> of BMP pictures.</summary>
    public static string WriteClassFolders(string folder, int perClass = 20)
    {
        foreach (var (name, level) in new[] { ("bright", 200), ("dark", 40) })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            for (var i = 0; i < perClass; i++)
            {
                WriteBmp(Path.Combine(folder, name, $"{i}.bmp"), level + i % 10);
            }
        }

        return folder;
    }

    /// <summary>A grey 24-bit BMP with some texture.</summary>
    public static void WriteBmp(string path, int level, int side = 16) => WriteBmp(path, side, i => level + (i / 3 * 7) % 20);

    /// <summary>A 24-bit BMP of noise around a level: no two are alike.</summary>
    public static void WriteNoise(string path, int level, Random random, int side = 16) => WriteBmp(path, side, _ => level + random.Next(-40, 41));

    private static void WriteBmp(string path, int side, Func<int, int> brightness)
    {
        var file = new byte[54 + 3 * side * side]; // Rows of 16 pixels need no padding.
        "BM"u8.CopyTo(file);
        foreach (var (offset, value) in new[] { (2, file.Length), (10, 54), (14, 40), (18, side), (22, side), (26, 1 | (24 << 16)), (34, 3 * side * side) })
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset), value);
        }

        for (var i = 54; i < file.Length; i++)
        {
            file[i] = (byte)Math.Clamp(brightness(i), 0, 255);
        }

        File.WriteAllBytes(path, file);
    }
}
