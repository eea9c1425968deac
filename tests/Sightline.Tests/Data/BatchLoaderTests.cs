using System.Diagnostics;
using Sightline.Augment;
using Sightline.Data;
using Xunit;

namespace Sightline.Tests.Data;

// Not beside other tests, because one counts the bytes that the process allocates.
[Collection("Alone")]
public class BatchLoaderTests
{
    private static readonly Preprocessing Small = new() { CropSize = 16, ResizeSize = 18 };

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 1L << 30)]
    [InlineData(8, 20_000)]
    public void Epoch_workers_and_cache_do_not_change_batches(int workers, long cache)
    {
        var augment = new AugmentOptions { MinimumCropArea = 0.35, Policy = AugmentPolicy.Trivial, ErasingProbability = 0.5 };
        var expected = Collect(new LoaderOptions { BatchSize = 7, Workers = 2, Shuffle = true, Seed = 5, CacheBytes = 1 << 20 }, augment, epochs: 2);

        var actual = Collect(new LoaderOptions { BatchSize = 7, Workers = workers, Shuffle = true, Seed = 5, CacheBytes = cache }, augment, epochs: 2);

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Epoch_pad_crop_differs_between_epochs_and_seeds()
    {
        var augment = new AugmentOptions { PadCrop = 2 };
        var options = new LoaderOptions { BatchSize = 50, Workers = 2, Seed = 5 };

        var epochs = Collect(options, augment, epochs: 2);
        var other = Collect(options with { Seed = 6 }, augment, epochs: 1);

        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.NotEqual(epochs[0], other[0]);
    }

    [Fact]
    public void Epoch_resumed_gives_the_same_batches()
    {
        using var loader = Loader(new FakeImages(50), new LoaderOptions { BatchSize = 8, Workers = 3, Shuffle = true, Seed = 1 }, new AugmentOptions());
        var whole = loader.Epoch(4).Select(Describe).ToList();

        var resumed = loader.Epoch(4, firstBatch: 3).Select(Describe).ToList();

        Assert.Equal(whole.Skip(3), resumed);
        Assert.Equal(7, whole.Count);
    }

    [Fact]
    public void Epoch_holds_every_example_once_with_its_label()
    {
        using var loader = Loader(new FakeImages(50), new LoaderOptions { BatchSize = 8, Workers = 2, Shuffle = true, Seed = 1 }, null);

        var seen = loader.Epoch(0).SelectMany(batch => batch.Indices.Zip(batch.Labels)).ToList();

        Assert.Equal(Enumerable.Range(0, 50), seen.Select(pair => pair.First).Order());
        Assert.All(seen, pair => Assert.Equal(pair.First % 3, pair.Second));
        Assert.NotEqual(Enumerable.Range(0, 50), seen.Select(pair => pair.First));
    }

    [Fact]
    public void Epoch_repeated_pictures_are_changed_differently_and_the_first_as_without_repeats()
    {
        var options = new LoaderOptions { BatchSize = 8, Workers = 2, Shuffle = true, Seed = 1, DropLast = true };
        using var single = Loader(new FakeImages(50), options, new AugmentOptions { PadCrop = 2 });
        using var repeated = Loader(new FakeImages(50), options with { Repeats = 4 }, new AugmentOptions { PadCrop = 2 });
        var plain = single.Epoch(3).SelectMany(Pictures).ToDictionary(entry => entry.Index, entry => entry.Pixels);

        var batch = Pictures(repeated.Epoch(3).First()).ToList();

        Assert.Equal(2, batch.Select(entry => entry.Index).Distinct().Count());
        Assert.All(batch.GroupBy(entry => entry.Index), group => Assert.True(group.Select(entry => entry.Pixels).Distinct().Count() > 1));
        Assert.All(batch.Take(2), entry => Assert.Equal(plain[entry.Index], entry.Pixels));

        static IEnumerable<(int Index, string Pixels)> Pictures(ImageBatch batch) => Enumerable.Range(0, batch.Count)
            .Select(i => (batch.Indices[i], Convert.ToHexString(batch.Pixels.AsSpan(i * 768, 768)))).ToList();
    }

    [Theory]
    [InlineData(false, 7, 2)]
    [InlineData(true, 6, 8)]
    public void Epoch_last_batch_follows_DropLast(bool dropLast, int batches, int lastCount)
    {
        using var loader = Loader(new FakeImages(50), new LoaderOptions { BatchSize = 8, Workers = 2, DropLast = dropLast }, null);

        var counts = loader.Epoch(0).Select(batch => (batch.Count, batch.Pixels.Length)).ToList();

        Assert.Equal(batches, loader.BatchesPerEpoch);
        Assert.Equal(batches, counts.Count);
        Assert.Equal((lastCount, lastCount * 16 * 16 * 3), counts[^1]);
    }

    [Fact]
    public void Epoch_worker_error_reaches_the_consumer_at_its_batch()
    {
        using var loader = Loader(new FakeImages(50) { BadIndex = 20 }, new LoaderOptions { BatchSize = 8, Workers = 3 }, null);
        var batches = 0;

        var error = Assert.Throws<DataException>(() =>
        {
            foreach (var batch in loader.Epoch(0))
            {
                batch.Dispose();
                batches++;
            }
        });

        Assert.Equal("'picture 20' is broken.", error.Message);
        Assert.Equal(2, batches);
    }

    [Fact]
    public void Epoch_can_be_left_early_and_begun_again()
    {
        using var loader = Loader(new FakeImages(50), new LoaderOptions { BatchSize = 4, Workers = 3, Seed = 1 }, new AugmentOptions());
        var first = Describe(loader.Epoch(0).First());

        var again = Describe(loader.Epoch(0).First());

        Assert.Equal(first, again);
    }

    [Fact]
    public void Epoch_within_an_epoch_is_refused()
    {
        using var loader = Loader(new FakeImages(50), new LoaderOptions { BatchSize = 4, Workers = 1 }, null);
        using var outer = loader.Epoch(0).GetEnumerator();
        outer.MoveNext();

        var error = Assert.Throws<InvalidOperationException>(() => loader.Epoch(1).First());

        Assert.StartsWith("This loader is within an epoch already", error.Message);
    }

    [Fact]
    public void Dispose_in_the_middle_stops_workers_and_consumer()
    {
        var images = new FakeImages(5000);
        var loader = Loader(images, new LoaderOptions { BatchSize = 4, Workers = 3 }, null);
        using var batches = loader.Epoch(0).GetEnumerator();
        batches.MoveNext();
        var began = Stopwatch.GetTimestamp();

        loader.Dispose();

        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(5));
        Assert.Throws<ObjectDisposedException>(() => batches.MoveNext());
        Assert.True(images.Decoded < 100, $"{images.Decoded} pictures were decoded; the queue is not bounded.");
    }

    [Fact]
    public void Epoch_kept_pictures_are_decoded_once()
    {
        var images = new FakeImages(50);
        using var loader = Loader(images, new LoaderOptions { BatchSize = 8, Workers = 2 }, new AugmentOptions());

        for (var epoch = 0; epoch < 3; epoch++)
        {
            foreach (var batch in loader.Epoch(epoch))
            {
                batch.Dispose();
            }
        }

        Assert.Equal(50, images.Decoded);
    }

    [Fact]
    public void Epoch_makes_no_garbage_per_picture()
    {
        using var loader = Loader(new FakeImages(2000), new LoaderOptions { BatchSize = 100, Workers = 1 }, new AugmentOptions { PadCrop = 2 });
        Run(loader, 0);

        // The count is of the whole process, so the least of several epochs is what the loader itself makes: batches allocate labels,
        // indices and the order, 20 bytes a picture.
        var bytes = Enumerable.Range(1, 5).Min(epoch =>
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            Run(loader, epoch);
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        });
        Assert.True(bytes < 2000 * 40 + 32_768, $"{bytes} bytes were allocated for 2,000 pictures.");

        static void Run(BatchLoader loader, int epoch)
        {
            foreach (var batch in loader.Epoch(epoch))
            {
                batch.Dispose();
            }
        }
    }

    [Fact]
    public void Constructor_bad_settings_are_named()
    {
        var error = Assert.Throws<SettingsException>(() => Loader(new FakeImages(5), new LoaderOptions { BatchSize = 0 }, null));

        Assert.Equal("BatchSize is 0; it must be from 1 to 65536. Pass --set batchSize=64.", error.Message);
    }

    private static List<string> Collect(LoaderOptions options, AugmentOptions? augment, int epochs)
    {
        using var loader = Loader(new FakeImages(50), options, augment);
        return [.. Enumerable.Range(0, epochs).SelectMany(epoch => loader.Epoch(epoch).Select(Describe))];
    }

    private static BatchLoader Loader(IImageSource images, LoaderOptions options, AugmentOptions? augment) =>
        new(images, [.. Enumerable.Range(0, images.Count).Select(i => new Example(i, i % 3))], Small, augment, options);

    private static string Describe(ImageBatch batch)
    {
        using (batch)
        {
            return $"{string.Join(',', batch.Indices)} {string.Join(',', batch.Labels)} " +
                Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(batch.Pixels));
        }
    }

    /// <summary>Pictures of noise that follows from their number.</summary>
    private sealed class FakeImages(int count) : IImageSource
    {
        private int _decoded;

        public int Count => count;

        public int BadIndex { get; init; } = -1;

        public int Decoded => _decoded;

        public string Name(int index) => $"picture {index}";

        public PixelImage Decode(int index, int shortSide)
        {
            Interlocked.Increment(ref _decoded);
            if (index == BadIndex)
            {
                throw new DataException($"'{Name(index)}' is broken.");
            }

            var (width, height) = (20 + (index % 5), 20 + (index % 7));
            var pixels = new byte[width * height * 3];
            var random = new RandomStream((ulong)index);
            for (var i = 0; i < pixels.Length; i++)
            {
                pixels[i] = (byte)random.NextBits();
            }

            return new PixelImage(pixels, width, height);
        }
    }
}

[CollectionDefinition("Alone", DisableParallelization = true)]
public class AloneCollection;
