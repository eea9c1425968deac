namespace Sightline.Training;

/// <summary>In which order a picture's channels, rows and columns lie in memory. Results differ in the last bits only.</summary>
public enum MemoryLayout
{
    /// <summary>The faster of the two for this model, size and precision on this machine, by measurement when the run begins.</summary>
    Auto,

    /// <summary>Channel by channel.</summary>
    Nchw,

    /// <summary>Pixel by pixel, channels last.</summary>
    Nhwc,
}
