using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Sightline.Curation.Pictures;
using Sightline.Data;
using Sightline.Tests.Data;
using Xunit;

namespace Sightline.Tests.Curation;

/// <summary>Against Pillow, numpy and scipy: tests/golden/curation.py.</summary>
public sealed class GoldenFactsTests
{
    private static readonly string Folder = Path.Combine(Golden.Folder, "..", "curation");

    public static TheoryData<string> Names => [.. Rows().Select(row => row.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Measure_gives_the_hashes_of_the_specification(string name)
    {
        var expected = Row(name).GetProperty("hashes").EnumerateArray().Select(hash => ulong.Parse(hash.GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();

        var hashes = Measure(name).PerceptualHashes;

        Assert.Equal(expected.Select(hash => $"{hash:x16}"), hashes.Select(hash => $"{hash:x16}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Measure_gives_the_properties_of_the_specification(string name)
    {
        var row = Row(name);

        var facts = Measure(name);

        // Brightness is counted in 8,191 steps; the rest is the same arithmetic in double precision.
        Assert.Equal(row.GetProperty("mean").GetDouble(), facts.MeanBrightness, 1e-4);
        Assert.Equal(row.GetProperty("p5").GetDouble(), facts.BrightnessP5, 1e-4);
        Assert.Equal(row.GetProperty("p99").GetDouble(), facts.BrightnessP99, 1e-4);
        Assert.Equal(row.GetProperty("sharpness").GetDouble(), facts.Sharpness, 1e-9);
        Assert.Equal(row.GetProperty("grey").GetBoolean(), facts.IsGrey);
        Assert.Equal(row.GetProperty("entropy").GetDouble(), facts.EntropyBits, 1e-9);
    }

    [Fact]
    public void Hashes_of_turned_pictures_are_those_of_the_picture_turned()
    {
        var scene = Measure("scene.png").PerceptualHashes;

        // Mirroring and turning commute with resizing but for rounding of single levels.
        Assert.InRange(Distance(scene[(int)PictureTurn.MirroredLeftRight], Measure("mirrored.png").PerceptualHashes[0]), 0, 1);
        Assert.InRange(Distance(scene[(int)PictureTurn.QuarterTurnRight], Measure("turned.png").PerceptualHashes[0]), 0, 1);

        // Halved without antialiasing, from 90 x 120 pixels: still a near duplicate.
        Assert.InRange(Distance(scene[0], Measure("half.png").PerceptualHashes[0]), 0, 4);
    }

    [Fact]
    public void Measure_constant_picture_has_no_hash() => Assert.Empty(Measure("flat.png").PerceptualHashes);

    [Fact]
    public void Record_keeps_every_fact()
    {
        var facts = Measure("wide.png") with { Format = "png" };
        var bytes = new byte[FactRecord.Length];

        FactRecord.Write(77, facts, bytes);
        var (key, read) = FactRecord.Read(bytes);

        Assert.Equal((UInt128)77, key);
        Assert.Equal(JsonSerializer.Serialize(facts with { PixelHash = 0 }), JsonSerializer.Serialize(read with { PixelHash = 0 }));
        Assert.Equal(facts.PixelHash, read.PixelHash);
        Assert.Equal(facts.Miniature, read.Miniature);
    }

    private static int Distance(ulong first, ulong second) => BitOperations.PopCount(first ^ second);

    private static PictureFacts Measure(string name)
    {
        var picture = new PixelBuffer();
        new ImageDecoder().Decode(Path.Combine(Folder, name), 0, picture);
        using var meter = new PictureMeter();
        return meter.Measure(picture, meter.PixelHash(picture), null);
    }

    private static JsonElement Row(string name) => Rows().Single(row => row.GetProperty("name").GetString() == name);

    private static List<JsonElement> Rows() =>
        [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "..", "curation.json"))).RootElement.EnumerateArray()];
}
