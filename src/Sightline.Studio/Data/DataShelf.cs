using System.Text.Json;
using System.Text.Json.Serialization;
using Sightline.Curation;
using Sightline.Data;
using Sightline.Data.Store;

namespace Sightline.Studio.Data;

/// <summary>The stored data sets, with the pictures' lists of the versions looked at last.</summary>
internal sealed class DataShelf(string folder, TimeProvider time)
{
    private const int Kept = 3;

    private static readonly JsonSerializerOptions Lenient = new(SightlineJson.Line) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip };

    private readonly LinkedList<Contents> _kept = [];
    private readonly Lock _gate = new();

    /// <summary>The store.</summary>
    public DatasetStore Store { get; } = new(folder, time);

    /// <summary>One decision at a time: each makes a version.</summary>
    public Lock Deciding { get; } = new();

    /// <summary>A version by <c>NAME</c> or <c>NAME@NUMBER</c>.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public DatasetVersion Find(string reference) => Store.Find(reference);

    /// <summary>A version's pictures.</summary>
    public Contents Of(DatasetVersion version)
    {
        lock (_gate)
        {
            var found = _kept.FirstOrDefault(kept => kept.Version.Folder == version.Folder && kept.Version.Hash == version.Hash);
            if (found is null)
            {
                found = new Contents(version, Store.ReadImages(version));
            }
            else
            {
                _kept.Remove(found);
            }

            _kept.AddFirst(found);
            if (_kept.Count > Kept)
            {
                _kept.RemoveLast();
            }

            return found;
        }
    }

    /// <summary>The newest check up to a version: the version checked, and what was looked for. Null where none was made.</summary>
    public (DatasetVersion Version, IReadOnlyList<KindOutcome> Kinds)? Check(DatasetVersion version)
    {
        var seen = Store.Versions(version.Name).LastOrDefault(other => other.Number <= version.Number && File.Exists(DatasetStore.CheckReport(other)));
        if (seen is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(DatasetStore.CheckReport(seen)));
            return (seen, document.RootElement.GetProperty("kinds").Deserialize<List<KindOutcome>>(Lenient) ?? []);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or IOException)
        {
            throw new DataException($"'{DatasetStore.CheckReport(seen)}' cannot be read: {error.Message} Check again with 'sightline data check {seen.Name}'.", error);
        }
    }

    /// <summary>A version's pictures, and where their files are.</summary>
    internal sealed class Contents(DatasetVersion version, IReadOnlyList<StoredImage> images)
    {
        private readonly StoredImages _source = new(StoredVersionReader.Home(version.Folder), images);

        public DatasetVersion Version => version;

        /// <summary>All pictures, those left out among them, by name.</summary>
        public IReadOnlyList<StoredImage> Images => images;

        /// <summary>Places by name.</summary>
        public IReadOnlyDictionary<string, int> Places { get; } = images.Index().ToDictionary(pair => pair.Item.Name, pair => pair.Index, StringComparer.Ordinal);

        /// <summary>Places of the pictures of a class and split; null for all.</summary>
        public IReadOnlyList<int> Choose(string? label, string? split, bool excluded) =>
            [.. images.Index().Where(pair => pair.Item.Excluded is not null == excluded && (label is null || pair.Item.Label == label)
                && (split is null || (pair.Item.Split ?? "unassigned") == split)).Select(pair => pair.Index)];

        /// <summary>The pictures by their places.</summary>
        public IImageSource Source => _source;

        public PixelImage Decode(int place, int side) => _source.Decode(place, side);
    }
}
