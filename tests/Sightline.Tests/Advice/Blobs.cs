using System.Buffers.Binary;

namespace Sightline.Tests.Advice;

/// <summary>IDX files of 16 x 16 pictures in noise: the class is the quarter in which a bright square lies.</summary>
internal sealed record Blobs
{
    private const int Side = 16, Blob = 5;

    /// <summary>Training pictures of each class.</summary>
    public int[] Counts { get; init; } = [60, 60, 60, 60];

    /// <summary>Test pictures of each class.</summary>
    public int TestCount { get; init; } = 15;

    /// <summary>Brightness of the square above the ground, 0 for none at all.</summary>
    public int Contrast { get; init; } = 110;

    /// <summary>Largest deviation of a pixel.</summary>
    public int Noise { get; init; } = 60;

    public string Write(string folder)
    {
        var random = new Random(7);
        Directory.CreateDirectory(folder);
        WritePart(folder, "train", Counts, random);
        WritePart(folder, "t10k", [.. Counts.Select(_ => TestCount)], random);
        return folder;
    }

    private void WritePart(string folder, string part, int[] counts, Random random)
    {
        var order = counts.SelectMany((count, label) => Enumerable.Repeat((byte)label, count)).ToArray();
        random.Shuffle(order);
        var pixels = new byte[16 + (order.Length * Side * Side)];
        var labels = new byte[8 + order.Length];
        Header(pixels, 0x803, order.Length, Side, Side);
        Header(labels, 0x801, order.Length);
        order.CopyTo(labels, 8);
        for (var i = 0; i < order.Length; i++)
        {
            var (left, top) = ((order[i] % 2 * 8) + random.Next(4), (order[i] / 2 * 8) + random.Next(4));
            for (var p = 0; p < Side * Side; p++)
            {
                var (x, y) = (p % Side, p / Side);
                var isInside = x >= left && x < left + Blob && y >= top && y < top + Blob;
                pixels[16 + (i * Side * Side) + p] = (byte)Math.Clamp(70 + (isInside ? Contrast : 0) + random.Next(-Noise, Noise + 1), 0, 255);
            }
        }

        File.WriteAllBytes(Path.Combine(folder, $"{part}-images-idx3-ubyte"), pixels);
        File.WriteAllBytes(Path.Combine(folder, $"{part}-labels-idx1-ubyte"), labels);
    }

    private static void Header(byte[] target, params int[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(target.AsSpan(4 * i), values[i]);
        }
    }
}
