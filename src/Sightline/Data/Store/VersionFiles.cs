using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sightline.Data.Store;

/// <summary>Reads and writes the three files of a version: <c>version.json</c>, <c>images.jsonl</c>, <c>notices.jsonl</c>.</summary>
internal static class VersionFiles
{
    public const string Version = "version.json";
    public const string Images = "images.jsonl";
    public const string Notices = "notices.jsonl";

    /// <summary>One value on one line; what is not given is left out, which halves the file.</summary>
    public static JsonSerializerOptions Line { get; } = new(SightlineJson.Line) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Whether the folder is a version's.</summary>
    public static bool IsVersion(string folder) => File.Exists(Path.Combine(folder, Version)) && File.Exists(Path.Combine(folder, Images));

    public static void Write(string folder, DatasetVersion version, IReadOnlyList<StoredImage> images, IReadOnlyList<DataNotice> notices)
    {
        WriteLines(Path.Combine(folder, Images), images);
        WriteLines(Path.Combine(folder, Notices), notices);
        AtomicFile.WriteText(Path.Combine(folder, Version), JsonSerializer.Serialize(version, SightlineJson.Indented) + "\n");
    }

    public static DatasetVersion ReadVersion(string folder)
    {
        var path = Path.Combine(folder, Version);
        var version = Guard(path, () => JsonSerializer.Deserialize<DatasetVersion>(File.ReadAllText(path), SightlineJson.Indented))
            ?? throw new DataException($"'{path}' is empty. Import the data set again under another name.");
        return version.Format == 1
            ? version with { Folder = Path.GetFullPath(folder) }
            : throw new DataException($"'{path}' has the format {version.Format}; this Sightline reads format 1. Use the Sightline that wrote it, or a newer one.");
    }

    public static List<StoredImage> ReadImages(string folder) => ReadLines<StoredImage>(Path.Combine(folder, Images));

    public static List<DataNotice> ReadNotices(string folder) =>
        File.Exists(Path.Combine(folder, Notices)) ? ReadLines<DataNotice>(Path.Combine(folder, Notices)) : [];

    public static string Hash(IEnumerable<string> classes, IEnumerable<StoredImage> images)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in classes)
        {
            Append($"{name}\n");
        }

        foreach (var image in images.OrderBy(image => image.Name, StringComparer.Ordinal))
        {
            Append($"\n{image.Name}\n{image.Sha256}\n{image.Label}\n{image.Split}\n{image.Group}\n{(image.Excluded is null ? "" : "excluded")}\n");
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));
    }

    public static List<T> ReadLines<T>(string path) => Guard(path, () =>
    {
        var values = new List<T>();
        foreach (var line in File.ReadLines(path))
        {
            values.Add(JsonSerializer.Deserialize<T>(line, Line) ?? throw new JsonException($"line {values.Count + 1} is null"));
        }

        return values;
    });

    private static void WriteLines<T>(string path, IReadOnlyList<T> values) => AtomicFile.Write(path, stream =>
    {
        foreach (var value in values)
        {
            JsonSerializer.Serialize(stream, value, Line);
            stream.WriteByte((byte)'\n');
        }
    });

    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DataException($"'{path}' cannot be read: {error.Message} Restore the file, or import the data set again.", error);
        }
    }
}
