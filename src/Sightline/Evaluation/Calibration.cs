using System.Text.Json;
using Sightline.Runs;

namespace Sightline.Evaluation;

/// <summary>
/// One number by which a run's logits are divided so that its probabilities can be believed; stored with the run as <c>calibration.json</c>.
/// It never changes which class is predicted.
/// </summary>
/// <remarks>Guo et al. 2017, section 4.2 ("temperature scaling"): fitted by the likelihood of pictures that were not trained on.</remarks>
public sealed record Calibration
{
    /// <summary>Version of the file's form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The divisor, 0.01 to 100: above 1 for a model that states too much, below 1 for one that states too little.</summary>
    public required double Temperature { get; init; }

    /// <summary>Whether <see cref="Temperature"/> ended at a limit because the likelihood grows without bound, as when no picture is wrong.</summary>
    public required bool IsAtLimit { get; init; }

    /// <summary>What it was fitted on: <c>validation</c>.</summary>
    public string FittedOn { get; init; } = "validation";

    /// <summary>Pictures it was fitted on.</summary>
    public required int Examples { get; init; }

    /// <summary>Mean cross-entropy of those pictures at temperature 1, nats.</summary>
    public required double LossBefore { get; init; }

    /// <summary>The same at <see cref="Temperature"/>.</summary>
    public required double LossAfter { get; init; }

    /// <summary>Expected calibration error of those pictures at temperature 1, 0..1, 15 bins.</summary>
    public required double EceBefore { get; init; }

    /// <summary>The same at <see cref="Temperature"/>.</summary>
    public required double EceAfter { get; init; }

    /// <summary>Finds the temperature with the highest likelihood.</summary>
    /// <param name="predictions">Logits of pictures that were not trained on.</param>
    /// <exception cref="DataException">There is no picture, or a logit is not a finite number.</exception>
    public static Calibration Fit(Predictions predictions)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        var before = Score.All(predictions);
        var (temperature, isAtLimit) = TemperatureScaling.Fit(predictions);
        var after = Score.All(predictions, temperature);
        var bins = new MetricsOptions().CalibrationBins;
        return new Calibration
        {
            Temperature = temperature,
            IsAtLimit = isAtLimit,
            Examples = before.Length,
            LossBefore = before.Average(score => score.Loss),
            LossAfter = after.Average(score => score.Loss),
            EceBefore = Reliability.Of(predictions.Labels, before, bins).Error,
            EceAfter = Reliability.Of(predictions.Labels, after, bins).Error,
        };
    }

    /// <summary>The calibration stored with a run, or null.</summary>
    /// <param name="run">The run.</param>
    /// <exception cref="DataException"><c>calibration.json</c> cannot be read.</exception>
    public static Calibration? Of(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var file = FileOf(run);
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<Calibration>(File.ReadAllText(file), SightlineJson.Indented) is { Temperature: >= 0.01 and <= 100 } read
                ? read
                : throw new JsonException("the temperature must be from 0.01 to 100.");
        }
        catch (JsonException error)
        {
            throw new DataException($"'{file}' cannot be read: {error.Message} Write it again with 'sightline eval calibrate {run.Path}'.", error);
        }
    }

    /// <summary>The calibration stored with a run.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    internal static Calibration Required(RunFolder run) => Of(run)
        ?? throw new NotFoundException($"The run '{run.Path}' has no calibration. Make it with 'sightline eval calibrate {run.Path}'.");

    /// <summary>Stores it with a run.</summary>
    internal void Write(RunFolder run) => AtomicFile.WriteText(FileOf(run), JsonSerializer.Serialize(this, SightlineJson.Indented));

    private static string FileOf(RunFolder run) => Path.Combine(run.Path, "calibration.json");
}
