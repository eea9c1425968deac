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
}
