using System.Text.Json;
using Sightline.Tests.Data;

namespace Sightline.Tests.Augment;

/// <summary>One picture as torchvision 0.14.1 changed it; tests/golden/augment.py.</summary>
internal sealed record AugmentCase(string Operator, string Source, double[] Parameters, string? Interpolation, byte[] Expected)
{
    public override string ToString() => $"{Operator}({string.Join(", ", Parameters)}) of {Source}, {Interpolation ?? "-"}";
}

/// <summary>The golden files of tests/golden/augment.</summary>
internal static class AugmentGolden
{
    private const string Folder = "../augment/";

    private static readonly Lazy<IReadOnlyList<AugmentCase>> _cases = new(Read);

    public static IReadOnlyList<AugmentCase> Cases => _cases.Value;

    public static JsonElement Policies { get; } = JsonDocument.Parse(File.ReadAllText(Golden.FilePath(Folder + "policies.json"))).RootElement;

    public static (byte[] Pixels, int Width, int Height) Source(string name)
    {
        var (bytes, shape) = Golden.Load($"{Folder}source_{name}.npy");
        return (bytes, shape[1], shape[0]);
    }

    private static List<AugmentCase> Read()
    {
        var all = Golden.Load(Folder + "results.npy").Bytes;
        var cases = new List<AugmentCase>();
        var at = 0;
        foreach (var one in JsonDocument.Parse(File.ReadAllText(Golden.FilePath(Folder + "cases.json"))).RootElement.EnumerateArray())
        {
            var source = one.GetProperty("source").GetString()!;
            var length = Source(source).Pixels.Length;
            cases.Add(new AugmentCase(
                one.GetProperty("operator").GetString()!, source, [.. one.GetProperty("parameters").EnumerateArray().Select(p => p.GetDouble())],
                one.GetProperty("interpolation").GetString(), all[at..(at + length)]));
            at += length;
        }

        return cases;
    }
}
