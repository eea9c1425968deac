namespace Sightline.Curation.Pictures;

/// <summary>From RGB to one level, with the arithmetic of Pillow's <c>convert("L")</c> (ITU-R 601-2 in 16-bit fixed point).</summary>
internal static class Luma
{
    public static void Of(ReadOnlySpan<byte> rgb, Span<byte> luma)
    {
        for (var i = 0; i < luma.Length; i++)
        {
            luma[i] = (byte)(((rgb[i * 3] * 19595) + (rgb[(i * 3) + 1] * 38470) + (rgb[(i * 3) + 2] * 7471) + 0x8000) >> 16);
        }
    }
}
