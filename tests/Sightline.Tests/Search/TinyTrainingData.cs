using System.Buffers.Binary;
using Sightline.Data;

namespace Sightline.Tests.Search;

/// <summary>A folder with IDX files of three classes of 8 x 8 pictures, told apart by brightness under noise.</summary>
internal sealed class TinyTrainingData : IDisposable
{
    private const int Side = 8;

    public TinyTrainingData(int train = 192, int test = 24)
    {
        foreach (var (part, count) in new[] { ("train", train), ("t10k", test) })
        {
            var pixels = new byte[16 + (count * Side * Side)];
            var labels = new byte[8 + count];
            Header(pixels, 0x803, count, Side, Side);
            Header(labels, 0x801, count);
            for (var i = 0; i < count; i++)
            {
                labels[8 + i] = (byte)(i % 3);
                for (var p = 0; p < Side * Side; p++)
                {
                    pixels[16 + (i * Side * Side) + p] = (byte)((40 * (i % 3)) + (((i * 31) ^ (p * 7)) % 160));
                }
            }

            File.WriteAllBytes(Path.Combine(Folder, $"{part}-images-idx3-ubyte"), pixels);
            File.WriteAllBytes(Path.Combine(Folder, $"{part}-labels-idx1-ubyte"), labels);
        }

        Data = ImageDatasets.Open(Folder, new SplitOptions { ValidationShare = 0.25 });
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("sightline-test-").FullName;

    public ImageDataset Data { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static void Header(byte[] bytes, int magic, params int[] sizes)
    {
        BinaryPrimitives.WriteInt32BigEndian(bytes, magic);
        for (var i = 0; i < sizes.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + (4 * i)), sizes[i]);
        }
    }
}
