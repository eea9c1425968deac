namespace Sightline.Compute.Planning;

/// <summary>Training speed of a model on a GPU.</summary>
public sealed record SpeedEstimate
{
    /// <summary>Images per second, forward, backward and step; the loader is taken to keep up.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>Low end: nine of ten calibration rows lie between the two ends.</summary>
    public required double LowImagesPerSecond { get; init; }

    /// <summary>High end.</summary>
    public required double HighImagesPerSecond { get; init; }

    /// <summary>What the figure is calibrated on, or why it is not.</summary>
    public required string Basis { get; init; }

    /// <summary>Whether training of a known family was measured on this GPU.</summary>
    public required bool IsCalibrated { get; init; }
}
