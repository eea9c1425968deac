using Sightline.Augment;

namespace Sightline.Data;

/// <summary>
/// Makes the pictures of a loader and keeps, within a limit, what is the same in every epoch: the resized square where resizing is not
/// random, else the decoded picture. A kept picture gives the same bytes as one decoded again.
/// </summary>
internal sealed class SampleCache
{
    private readonly IImageSource _images;
    private readonly Preprocessing _preprocessing;
    private readonly AugmentOptions? _augment;
    private readonly LoaderOptions _options;
    private readonly int _shortSide;
    private readonly PixelImage?[] _kept;
    private long _room;

    public SampleCache(IImageSource images, Preprocessing preprocessing, AugmentOptions? augment, LoaderOptions options)
    {
        _images = images;
        _preprocessing = preprocessing;
        _augment = augment;
        _options = options;
        _shortSide = SampleTransform.ShortSide(preprocessing, augment);
        _kept = new PixelImage?[images.Count];
        _room = Math.Min(options.CacheBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
    }

    public int Size => _preprocessing.CropSize;

    public int BytesPerPicture => Size * Size * 3;

    public Worker NewWorker() => new(this);

    public void Clear() => Array.Clear(_kept);

    private bool Reserve(int bytes)
    {
        if (Interlocked.Add(ref _room, -bytes) >= 0)
        {
            return true;
        }

        Interlocked.Add(ref _room, bytes);
        return false;
    }

    /// <summary>What one thread needs to make pictures.</summary>
    internal sealed class Worker(SampleCache cache)
    {
        private readonly SampleTransform _transform = new(cache._preprocessing, cache._augment);
        private readonly PixelBuffer _decoded = new();
        private readonly byte[] _square = new byte[cache.BytesPerPicture];

        /// <summary>Writes the picture as it is in the epoch.</summary>
        /// <param name="index">The picture.</param>
        /// <param name="epoch">The epoch.</param>
        /// <param name="copy">Which appearance in the epoch, from 0; each is changed differently.</param>
        /// <param name="target">The picture's place in the batch.</param>
        public void Fill(int index, int epoch, int copy, Span<byte> target)
        {
            var random = new RandomStream(Seeds.Mix(cache._options.Seed, epoch, index + ((long)copy * cache._images.Count)));
            if (Volatile.Read(ref cache._kept[index]) is { } kept)
            {
                Finish(kept.Pixels, kept.Width, kept.Height, ref random, target);
                return;
            }

            Decode(index);
            if (!_transform.PreparesSquare)
            {
                if (cache.Reserve(_decoded.Length))
                {
                    Volatile.Write(ref cache._kept[index], _decoded.ToImage());
                }

                Finish(_decoded.Pixels, _decoded.Width, _decoded.Height, ref random, target);
                return;
            }

            _transform.Prepare(_decoded.Pixels.AsSpan(0, _decoded.Length), _decoded.Width, _decoded.Height, _square);
            if (cache.Reserve(_square.Length))
            {
                Volatile.Write(ref cache._kept[index], new PixelImage([.. _square], cache.Size, cache.Size));
            }

            Finish(_square, cache.Size, cache.Size, ref random, target);
        }

        private void Decode(int index)
        {
            if (cache._images is IBufferedImageSource buffered)
            {
                buffered.DecodeInto(index, cache._shortSide, _decoded);
            }
            else
            {
                _decoded.CopyFrom(cache._images.Decode(index, cache._shortSide));
            }
        }

        private void Finish(byte[] pixels, int width, int height, ref RandomStream random, Span<byte> target)
        {
            if (_transform.PreparesSquare)
            {
                _transform.Finish(pixels.AsSpan(0, cache.BytesPerPicture), ref random, target);
            }
            else
            {
                _transform.Finish(pixels.AsSpan(0, width * height * 3), width, height, ref random, target);
            }
        }
    }
}
