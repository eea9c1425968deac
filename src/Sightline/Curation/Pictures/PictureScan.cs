using System.Globalization;
using Sightline.Data;

namespace Sightline.Curation.Pictures;

/// <summary>The facts of all pictures of a source.</summary>
/// <param name="Facts">By picture; null where it could not be decoded.</param>
/// <param name="Failures">The pictures that could not be decoded, with the reason.</param>
/// <param name="Measured">How many were decoded now; the others came from the cache.</param>
internal sealed record PictureScan(IReadOnlyList<PictureFacts?> Facts, IReadOnlyList<(int Image, string Reason)> Failures, int Measured)
{
    private const int HeaderBytes = 32;

    /// <summary>Measures every picture once, on all cores. Holds about 500 bytes a picture, and one decoded picture a core.</summary>
    public static PictureScan Run(ImageDataset data, IProgress<CheckProgress>? progress, CancellationToken cancellationToken)
    {
        var images = data.Images;
        var facts = new PictureFacts?[images.Count];
        var failures = new List<(int, string)>();
        var (measured, done) = (0, 0);
        using var cache = FactCache.Open(data.Location);
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, images.Count, options, () => new Worker(images, cache), (i, _, worker) =>
        {
            try
            {
                (facts[i], var isNew) = worker.Measure(i);
                if (isNew)
                {
                    Interlocked.Increment(ref measured);
                }
            }
            catch (Exception error) when (error is DataException or IOException or UnauthorizedAccessException)
            {
                lock (failures)
                {
                    failures.Add((i, error.Message));
                }
            }

            progress?.Report(new CheckProgress("pictures measured", Interlocked.Increment(ref done), images.Count));
            return worker;
        }, worker => worker.Dispose());
        failures.Sort();
        return new PictureScan(facts, failures, measured);
    }

    private sealed class Worker(IImageSource images, FactCache cache) : IDisposable
    {
        private readonly PictureMeter _meter = new();
        private readonly PixelBuffer _picture = new();

        public (PictureFacts Facts, bool IsNew) Measure(int index)
        {
            var content = images as IContentSource;
            UInt128? key = content?.ContentKey(index) is { } text
                ? UInt128.Parse(text.AsSpan(0, 32), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : null;
            if (key is { } known && cache.TryGet(known, out var kept))
            {
                return (kept!, false); // Found.
            }

            Decode(index);
            var pixelHash = _meter.PixelHash(_picture);

            // Pictures in memory have no content but their pixels.
            var own = key ?? pixelHash;
            if (key is null && cache.TryGet(own, out kept))
            {
                return (kept!, false); // Found.
            }

            var facts = _meter.Measure(_picture, pixelHash, content is null ? null : Format(content, index));
            cache.Add(own, facts);
            return (facts, true);
        }

        public void Dispose() => _meter.Dispose();

        private static string? Format(IContentSource content, int index)
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            return FactRecord.FormatName(ImageHeader.Detect(header[..content.ReadHeader(index, header)]));
        }

        private void Decode(int index)
        {
            if (images is IBufferedImageSource buffered)
            {
                buffered.DecodeInto(index, 0, _picture);
            }
            else
            {
                _picture.CopyFrom(images.Decode(index, 0));
            }
        }
    }
}
