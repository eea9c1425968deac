using System.Globalization;
using System.Text.Json.Serialization;

namespace Sightline.Training;

/// <summary>How long a step takes in one precision and layout.</summary>
/// <param name="Precision">fp32, bf16 or fp16.</param>
/// <param name="Layout">Never auto.</param>
/// <param name="Milliseconds">Of the fastest step; infinite where it gave NaN or infinity.</param>
internal sealed record PassTime(Precision Precision, MemoryLayout Layout, double Milliseconds);

/// <summary>What was measured for a kind of run, and what follows from it.</summary>
/// <param name="Pictures">In a step.</param>
/// <param name="Side">Of a picture, in pixels.</param>
/// <param name="Times">One for each precision and layout that were tried.</param>
internal sealed record PassChoice(int Pictures, int Side, IReadOnlyList<PassTime> Times)
{
    // Noise decides between equals, and a run's bits should not hang on it: the exception, which a shorter type or channel by channel is, has to be worth it.
    private const double Margin = 0.95;

    /// <summary>The fastest, unless a simpler one is within 5 % of it: float32 before a shorter type, channels last before channel by channel.</summary>
    [JsonIgnore]
    public PassTime Best => Times.GroupBy(time => time.Precision).OrderBy(group => group.Key)
        .Select(group => group.OrderByDescending(time => time.Layout).Aggregate(Faster))
        .Aggregate(Faster);

    /// <summary>The figures and the choice, in a sentence.</summary>
    [JsonIgnore]
    public string Words
    {
        get
        {
            var best = Best;
            var figures = Times.OrderBy(time => time.Milliseconds).Select(time => string.Create(CultureInfo.InvariantCulture,
                $"{Name(time)} {(double.IsFinite(time.Milliseconds) ? $"{time.Milliseconds:0.#} ms" : "gives NaN or infinity")}"));
            return $"Chosen by measurement on this machine: {Name(best)}. A step of {Pictures} random pictures of {Side} px takes, at its fastest: {string.Join(", ", figures)}.";
        }
    }

    private static PassTime Faster(PassTime simple, PassTime other) => other.Milliseconds < simple.Milliseconds * Margin ? other : simple;

    private static string Name(PassTime time) =>
        $"{time.Precision.ToString().ToLowerInvariant()} {(time.Layout == MemoryLayout.Nhwc ? "channels last" : "channel by channel")}";
}
