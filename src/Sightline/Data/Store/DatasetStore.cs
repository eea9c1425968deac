using System.Globalization;
using System.Text.RegularExpressions;

namespace Sightline.Data.Store;

/// <summary>
/// Named data sets on disk, each a series of immutable versions: <c>FOLDER/NAME/NUMBER/</c> with <c>version.json</c>, <c>images.jsonl</c> and
/// <c>notices.jsonl</c>. A version's folder is an ordinary data set location for <see cref="ImageDatasets.Open"/>.
/// </summary>
/// <remarks>
/// Pictures are referenced where they lie; those of archives and binary formats, and copies that were asked for, are in <c>images.tar</c> of
/// the version that imported them. Nothing is ever deleted or rewritten; a version appears by one rename, so that none is seen half-written.
/// </remarks>
public sealed partial class DatasetStore
{
    /// <summary>The variable that names the store's folder.</summary>
    public const string FolderVariable = "SIGHTLINE_DATASETS";

    private const string IncomingPrefix = ".incoming-";

    private readonly TimeProvider _time;

    /// <summary>A store in a folder, which need not exist yet.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="time">The clock for the versions' times.</param>
    public DatasetStore(string folder, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = folder;
        _time = time;
    }

    /// <summary>Where the store is unless told otherwise: <see cref="FolderVariable"/>, else <c>datasets</c> in the working folder.</summary>
    public static string DefaultFolder =>
        Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } chosen ? chosen : "datasets";

    /// <summary>The store's folder.</summary>
    public string Folder { get; }

    /// <summary>The names of the data sets that have a version, in ordinal order.</summary>
    public IReadOnlyList<string> Names() => !Directory.Exists(Folder)
        ? []
        : [.. Directory.EnumerateDirectories(Folder).Where(folder => Numbers(folder).Any()).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    /// <summary>A data set's versions, oldest first; empty when there is no such data set.</summary>
    /// <exception cref="DataException">A version's file cannot be read.</exception>
    public IReadOnlyList<DatasetVersion> Versions(string name) =>
        IsName(name) ? [.. Numbers(PathOf(name)).Order().Select(number => Read(name, number))] : [];

    /// <summary>The version that <c>NAME</c> (the newest) or <c>NAME@NUMBER</c> means; null when there is none.</summary>
    /// <exception cref="DataException">Its file cannot be read.</exception>
    public DatasetVersion? TryFind(string reference)
    {
        var (name, number) = Parse(reference);
        if (!IsName(name))
        {
            return null;
        }

        var numbers = Numbers(PathOf(name)).ToHashSet();
        var wanted = number ?? (numbers.Count > 0 ? numbers.Max() : 0);
        return numbers.Contains(wanted) ? Read(name, wanted) : null;
    }

    /// <summary>As <see cref="TryFind"/>.</summary>
    /// <exception cref="NotFoundException">There is no such data set or version; the message lists what there is.</exception>
    /// <exception cref="DataException">Its file cannot be read.</exception>
    public DatasetVersion Find(string reference)
    {
        if (TryFind(reference) is { } found)
        {
            return found;
        }

        var name = Parse(reference).Name;
        var versions = IsName(name) ? Numbers(PathOf(name)).Order().ToArray() : [];
        var names = Names();
        throw new NotFoundException(
            versions.Length > 0 ? $"The data set '{name}' has no version '{reference[(name.Length + 1)..]}'; it has {versions[0]} to {versions[^1]}. 'sightline data show {name}' lists them."
            : names.Count == 0 ? $"There is no data set '{name}'; the store '{Folder}' is empty. Make one with 'sightline data import SOURCE --name {name}', or name the store with --store."
            : $"There is no data set '{name}' in '{Folder}'. There are: {string.Join(", ", names.Take(20))}. 'sightline data list' shows all.");
    }

    /// <summary>The pictures of a version, in ordinal order of their names, the excluded among them.</summary>
    /// <exception cref="DataException">Its file cannot be read.</exception>
    public IReadOnlyList<StoredImage> ReadImages(DatasetVersion version) => VersionFiles.ReadImages(version.Folder);

    /// <summary>What was noticed as the pictures were imported: files left out, with their reasons.</summary>
    /// <exception cref="DataException">Its file cannot be read.</exception>
    public IReadOnlyList<DataNotice> ReadNotices(DatasetVersion version) => VersionFiles.ReadNotices(version.Folder);

    /// <summary>The data set's decisions.</summary>
    public DecisionLog Decisions(string name) => new(Path.Combine(PathOf(name), "decisions.jsonl"), _time);

    /// <summary>Where the report of <c>data check</c> on a version is kept: <c>check.json</c> in its folder.</summary>
    public static string CheckReport(DatasetVersion version) => Path.Combine(version.Folder, "check.json");

    internal string PathOf(string name) => Path.Combine(Folder, name);

    /// <exception cref="SettingsException">The name has other characters than those allowed.</exception>
    internal static void CheckName(string name)
    {
        if (!IsName(name))
        {
            throw new SettingsException(
                $"'{name}' cannot be a data set's name; use 1 to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit.");
        }
    }

    /// <summary>A folder beside the versions in which the next one is made; then added or discarded.</summary>
    internal string NewIncoming(string name)
    {
        CheckName(name);
        var home = PathOf(name);
        Directory.CreateDirectory(home);
        IncomingFolder.RemoveAbandoned(home, IncomingPrefix);
        var folder = Path.Combine(home, $"{IncomingPrefix}{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>Removes an unfinished version, and the data set's folder when that was to be its first.</summary>
    internal void Discard(string name, string incoming)
    {
        if (Directory.Exists(incoming))
        {
            Directory.Delete(incoming, recursive: true);
        }

        if (Directory.Exists(PathOf(name)) && !Directory.EnumerateFileSystemEntries(PathOf(name)).Any())
        {
            Directory.Delete(PathOf(name));
        }
    }

    /// <summary>Writes a version. Where it equals the newest one, that is returned and nothing is written.</summary>
    /// <param name="draft">The version.</param>
    /// <param name="incoming">The folder of <see cref="NewIncoming"/>; null to make one.</param>
    internal DatasetVersion Add(VersionDraft draft, string? incoming = null)
    {
        var folder = incoming ?? NewIncoming(draft.Name);
        try
        {
            return Add(draft, folder, VersionFiles.Hash(draft.Classes, draft.Images));
        }
        finally
        {
            Discard(draft.Name, folder);
        }
    }

    private DatasetVersion Add(VersionDraft draft, string folder, string hash)
    {
        for (var attempt = 0; ; attempt++)
        {
            var newest = TryFind(draft.Name);
            if (newest?.Hash == hash && SameFiles(newest, draft))
            {
                return newest;
            }

            var number = (newest?.Number ?? 0) + 1;
            var version = new DatasetVersion
            {
                Name = draft.Name,
                Number = number,
                Parent = draft.Parent,
                CreatedAt = _time.GetUtcNow(),
                Hash = hash,
                MadeBy = draft.MadeBy,
                Detail = draft.Detail,
                Source = draft.Source,
                SourceFormat = draft.SourceFormat,
                SourceSha256 = draft.SourceSha256,
                Classes = draft.Classes,
                Images = draft.Images.Count(image => image.Excluded is null),
                Excluded = draft.Images.Count(image => image.Excluded is not null),
            };
            // Pictures that came with this version lie in it; only now is its number known.
            var images = draft.Images
                .Select(image => image.File == ImagePack.FileName ? image with { File = $"{number}/{ImagePack.FileName}" } : image)
                .OrderBy(image => image.Name, StringComparer.Ordinal)
                .ToArray();
            VersionFiles.Write(folder, version, images, draft.Notices);
            var target = Path.Combine(PathOf(draft.Name), number.ToString(CultureInfo.InvariantCulture));
            try
            {
                Directory.Move(folder, target);
                return version with { Folder = Path.GetFullPath(target) };
            }
            catch (IOException) when (attempt < 10 && Directory.Exists(target))
            {
                continue; // Another process took the number; the next one is free.
            }
        }
    }

    // The same content read from another place, or copied now and referenced before, is worth a version: the older may point at lost files.
    private bool SameFiles(DatasetVersion newest, VersionDraft draft)
    {
        var known = ReadImages(newest).ToDictionary(image => image.Name, StringComparer.Ordinal);
        return draft.Images.All(image => known.TryGetValue(image.Name, out var old)
            && ((old.File == image.File && old.Modified == image.Modified) || (image.File == ImagePack.FileName && old.Offset is not null && File.Exists(Path.Combine(PathOf(draft.Name), old.File)))));
    }

    private DatasetVersion Read(string name, int number) =>
        VersionFiles.ReadVersion(Path.Combine(PathOf(name), number.ToString(CultureInfo.InvariantCulture)));

    private static IEnumerable<int> Numbers(string home) => !Directory.Exists(home)
        ? []
        : Directory.EnumerateDirectories(home)
            .Where(VersionFiles.IsVersion)
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Where(number => number > 0);

    private static (string Name, int? Number) Parse(string reference)
    {
        var at = reference.LastIndexOf('@');
        return at < 0 ? (reference, null)
            : (reference[..at], int.TryParse(reference.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0);
    }

    internal static bool IsName(string name) => NamePattern().IsMatch(name);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex NamePattern();
}
