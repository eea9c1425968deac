using System.Globalization;

namespace Sightline.Training;

/// <summary>Bytes in words.</summary>
internal static class MemoryText
{
    /// <summary>Such as <c>1.5 GiB</c> or <c>320 MiB</c>.</summary>
    public static string Of(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0} MiB");
}
