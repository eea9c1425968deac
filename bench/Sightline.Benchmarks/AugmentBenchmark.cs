using System.Diagnostics;
using Sightline.Augment;
using Sightline.Data;
using Sightline.Inference;
using static TorchSharp.torch;

namespace Sightline.Benchmarks;

/// <summary>The C# side of bench/augment/run.py: reads commands, answers each with seconds.</summary>
/// <remarks>
/// files PATH: reads the pictures named in that file into memory, and prepares squares of 224 pixels. operator NAME MAGNITUDE: each square
/// once. pipeline SEED: decode, random resized crop, flip, TrivialAugment, normalise in batches of 32. Everything on one thread.
/// </remarks>
internal static class AugmentBenchmark
{
    private const int Size = 224;
    private const int BatchSize = 32;

    private static readonly Preprocessing Preprocessing = new() { CropSize = Size, ResizeSize = Size };

    // torchvision's preset: area from 0.08, bilinear TrivialAugment.
    private static readonly AugmentOptions Standard = new() { Policy = AugmentPolicy.Trivial, MinimumCropArea = 0.08 };

    public static void Serve(TextReader commands, TextWriter answers)
    {
        set_num_threads(1);
        byte[][] files = [];
        byte[][] squares = [];
        while (commands.ReadLine() is { } line)
        {
            var parts = line.Split(' ');
            switch (parts[0])
            {
                case "files":
                    files = [.. File.ReadAllLines(line[6..]).Select(File.ReadAllBytes)];
                    squares = [.. files.Select(Square)];
                    answers.WriteLine(files.Length);
                    break;
                case "operator":
                    answers.WriteLine($"{Operator(parts[1], double.Parse(parts[2]), squares):f6}");
                    break;
                default:
                    answers.WriteLine($"{Pipeline(files, ulong.Parse(parts[1])):f6}");
                    break;
            }

            answers.Flush();
        }
    }

    // The copy that makes the operator's own picture is counted: Pillow's operators return a new one as well.
    private static double Operator(string name, double magnitude, byte[][] squares)
    {
        var known = OperatorCatalog.Find(name);
        var scratch = new OperatorScratch();
        var picture = new byte[Size * Size * 3];
        var random = new RandomStream(1);
        var began = Stopwatch.GetTimestamp();
        foreach (var square in squares)
        {
            square.CopyTo(picture, 0);
            known.Apply(picture, Size, Size, magnitude, scratch, ref random);
        }

        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static double Pipeline(byte[][] files, ulong seed)
    {
        var decoder = new ImageDecoder();
        var picture = new PixelBuffer();
        var transform = new SampleTransform(Preprocessing, Standard);
        var shortSide = SampleTransform.ShortSide(Preprocessing, Standard);
        var pool = new BufferPool();
        using var input = new ModelInput(Preprocessing, CPU);
        var random = new RandomStream(seed);
        var began = Stopwatch.GetTimestamp();
        foreach (var chunk in files.Chunk(BatchSize))
        {
            var pixels = pool.Rent(chunk.Length * Size * Size * 3);
            for (var i = 0; i < chunk.Length; i++)
            {
                decoder.Decode(chunk[i], shortSide, picture);
                transform.Finish(picture.Pixels.AsSpan(0, picture.Length), picture.Width, picture.Height, ref random, pixels.AsSpan(i * Size * Size * 3, Size * Size * 3));
            }

            using var batch = new ImageBatch(pool, pixels, Size, new long[chunk.Length], new int[chunk.Length]);
            using var scope = NewDisposeScope();
            input.Images(batch);
        }

        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static byte[] Square(byte[] file)
    {
        var picture = new PixelBuffer();
        new ImageDecoder().Decode(file, Size, picture);
        var square = new byte[Size * Size * 3];
        new SampleTransform(Preprocessing, null).Prepare(picture.Pixels.AsSpan(0, picture.Length), picture.Width, picture.Height, square);
        return square;
    }
}
