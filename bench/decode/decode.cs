#:project ../../src/Sightline/Sightline.csproj
#:property AssemblyName=Sightline.Benchmarks
#:property PublishAot=false

// The C# side of bench/decode/run.py: reads commands from standard input, answers one line each.
//   files PATH      reads the pictures named in that file, one path a line, into memory
//   train SEED      decode, random resized crop to 224 px, flip: seconds
//   evaluate 0      decode, resize to 256, centre crop to 224: seconds and the SHA-256 of all pixels
//   decode 0        decode only: seconds
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Sightline;
using Sightline.Augment;
using Sightline.Data;

var preprocessing = new Preprocessing { CropSize = 224, ResizeSize = 256 };
var augment = new AugmentOptions();
var training = new SampleTransform(preprocessing, augment);
var evaluation = new SampleTransform(preprocessing, null);
var decoder = new ImageDecoder();
var picture = new PixelBuffer();
var output = new byte[224 * 224 * 3];
byte[][] files = [];
while (Console.ReadLine() is { } line)
{
    var parts = line.Split(' ', 2);
    if (parts[0] == "files")
    {
        files = [.. File.ReadAllLines(parts[1]).Select(File.ReadAllBytes)];
        Console.WriteLine(files.Length);
        continue;
    }

    using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    var random = new RandomStream(ulong.Parse(parts[1], CultureInfo.InvariantCulture));
    var shortSide = parts[0] switch
    {
        "train" => SampleTransform.ShortSide(preprocessing, augment),
        "evaluate" => SampleTransform.ShortSide(preprocessing, null),
        _ => 0,
    };
    var began = Stopwatch.GetTimestamp();
    foreach (var file in files)
    {
        decoder.Decode(file, shortSide, picture);
        var pixels = picture.Pixels.AsSpan(0, picture.Length);
        if (parts[0] == "train")
        {
            training.Finish(pixels, picture.Width, picture.Height, ref random, output);
        }
        else if (parts[0] == "evaluate")
        {
            evaluation.Prepare(pixels, picture.Width, picture.Height, output);
            hash.AppendData(output);
        }
    }

    var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds:F6} {Convert.ToHexStringLower(hash.GetHashAndReset())}"));
}
