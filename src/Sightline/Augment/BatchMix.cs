using Sightline.Data;

namespace Sightline.Augment;

/// <summary>How a batch is mixed with itself moved on by one picture.</summary>
/// <param name="Share">How much of each picture, and of its label, is its own; 0..1.</param>
/// <param name="Cut">The rectangle that comes from the neighbour (CutMix); null mixes every pixel (MixUp).</param>
internal readonly record struct BatchMix(double Share, Box? Cut)
{
    // No picture has a negative number, so this stream is none of the loader's.
    private const long Stream = -2;

    /// <summary>
    /// What is done to batch <paramref name="batch"/> of a run, numbered through its epochs; it follows from seed and number alone, so that a
    /// resumed run draws the same.
    /// </summary>
    /// <returns>Null where batches are not mixed.</returns>
    /// <remarks>
    /// Zhang et al. 2018 (MixUp), Yun et al. 2019, algorithm A1 (CutMix); draws as in torchvision 0.14.1, references/classification/transforms.py:
    /// one share per batch; a box of half side 0.5 sqrt(1 - share), clipped at the border, the share then recomputed from its area.
    /// </remarks>
    public static BatchMix? Of(AugmentOptions options, long seed, long batch, int size)
    {
        if (!options.IsMixing)
        {
            return null;
        }

        var random = new RandomStream(Seeds.Mix(seed, batch, Stream));
        var isCut = options.MixupAlpha == 0 || (options.CutmixAlpha > 0 && random.NextInt(2) == 1);
        var share = RandomDistributions.Beta(isCut ? options.CutmixAlpha : options.MixupAlpha, ref random);
        if (!isCut)
        {
            return new BatchMix(share, null);
        }

        var (x, y) = (random.NextInt(size), random.NextInt(size));
        var half = (int)(0.5 * Math.Sqrt(1 - share) * size);
        var (left, top) = (Math.Max(0, x - half), Math.Max(0, y - half));
        var box = new Box(left, top, Math.Min(size, x + half) - left, Math.Min(size, y + half) - top);
        return new BatchMix(1 - ((double)(box.Width * box.Height) / (size * size)), box);
    }
}
