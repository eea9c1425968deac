namespace Sightline.Evaluation;

/// <summary>Settings of <see cref="Metrics"/>.</summary>
public sealed record MetricsOptions
{
    /// <summary>
    /// Resamples of the bootstrap behind the intervals; 0 (no intervals) or 100 to 100,000. Default 1,000:
    /// the ends then move by about a twentieth of the interval's width between seeds.
    /// </summary>
    public int BootstrapSamples { get; init; } = 1000;

    /// <summary>Seed of the bootstrap. The same seed and predictions give the same interval on every machine.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Equal-width confidence bins of the reliability diagram and of ECE; 2 to 1,000. Default 15, as Guo et al. 2017.</summary>
    public int CalibrationBins { get; init; } = 15;

    /// <summary>The run's calibration, for the figures after it; null leaves them out.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (BootstrapSamples is not 0 and (< 100 or > 100_000))
        {
            yield return $"BootstrapSamples is {BootstrapSamples}; it must be 0 (no interval) or from 100 to 100000. Use 1000.";
        }

        if (CalibrationBins is < 2 or > 1000)
        {
            yield return $"CalibrationBins is {CalibrationBins}; it must be from 2 to 1000. Use 15.";
        }
    }
}
