using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sightline.Data.Import;

/// <summary>COCO's object annotations as one class per picture: the class whose boxes have the largest area in all.</summary>
/// <remarks>Format: cocodataset.org, "Data format". Equal areas go to the lower category id; a category without boxes counts its <c>area</c>.</remarks>
internal sealed class CocoImporter : IImporter
{
    private const int FirstBytes = 4096;

    public string Name => "coco";

    public string Expects => "a COCO .json file with images, annotations and categories; of several classes in a picture the one with the largest total box area counts";

    public bool Recognises(string path)
    {
        if (!File.Exists(path) || !path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        using var file = File.OpenRead(path);
        var start = new byte[FirstBytes];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return start.AsSpan(0, read).TrimStart("\uFEFF"u8).TrimStart(" \t\r\n"u8).StartsWith("{"u8);
    }

    public ImportDraft Read(ImportContext context)
    {
        var file = Parse(context.Path);
        var categories = file.Categories.OrderBy(category => category.Id).ToArray();
        var names = categories.ToDictionary(category => category.Id, category => category.Name);
        var annotations = file.Annotations.ToLookup(annotation => annotation.ImageId);
        var files = new ListedFiles(context, context.Options.ImagesFolder ?? Path.GetDirectoryName(Path.GetFullPath(context.Path))!); // A file lies in a folder.
        var (several, without) = (0, 0);
        foreach (var (index, image) in file.Images.Index())
        {
            var areas = annotations[image.Id].GroupBy(annotation => annotation.CategoryId).Select(group => (Id: group.Key, Area: group.Sum(annotation => annotation.Size))).ToArray();
            if (areas.Length == 0)
            {
                without++;
                context.Notices.Add(new DataNotice("no-label", image.FileName, "The picture has no annotation and is left out."));
                continue;
            }

            several += areas.Length > 1 ? 1 : 0;
            var best = areas.OrderByDescending(area => area.Area).ThenBy(area => area.Id).First().Id;
            var label = names.TryGetValue(best, out var name) ? name
                : throw new DataException($"'{context.Path}' gives '{image.FileName}' the category {best}, which its categories do not have. Complete the categories.");
            files.Add(image.FileName, index + 1, path => new ImportedImage(path, label, null) { Time = image.CapturedAt() });
        }

        if (several > 0)
        {
            context.Notices.Add(new DataNotice(
                "several-labels", context.Path, $"{several} pictures have annotations of several classes; each got the class whose boxes have the largest area in all."));
        }

        var images = files.Finish();
        var used = images.Select(image => image.Label).ToHashSet(StringComparer.Ordinal);
        return new ImportDraft(images, [.. categories.Select(category => category.Name).Where(used.Contains).Distinct(StringComparer.Ordinal)]);
    }

    private static CocoFile Parse(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var file = JsonSerializer.Deserialize<CocoFile>(stream);
            return file is { Images.Count: > 0, Categories.Count: > 0 } ? file : throw new DataException(
                $"'{path}' has {file?.Images.Count ?? 0} images, {file?.Annotations.Count ?? 0} annotations and {file?.Categories.Count ?? 0} categories; a COCO file has all three. " +
                "Check that it is an annotation file (instances_….json).");
        }
        catch (JsonException error)
        {
            throw new DataException($"'{path}' is no COCO file: {error.Message} Check that it is whole.", error);
        }
    }

    internal sealed class CocoFile
    {
        [JsonPropertyName("images")]
        public List<CocoImage> Images { get; init; } = [];

        [JsonPropertyName("annotations")]
        public List<CocoAnnotation> Annotations { get; init; } = [];

        [JsonPropertyName("categories")]
        public List<CocoCategory> Categories { get; init; } = [];
    }

    internal sealed class CocoImage
    {
        [JsonPropertyName("id")]
        public long Id { get; init; }

        [JsonPropertyName("file_name")]
        public string FileName { get; init; } = "";

        [JsonPropertyName("date_captured")]
        public JsonElement? DateCaptured { get; init; }

        public DateTimeOffset? CapturedAt() =>
            DateCaptured is { ValueKind: JsonValueKind.String } text && DateTimeOffset.TryParse(
                text.GetString(), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    internal sealed class CocoAnnotation
    {
        [JsonPropertyName("image_id")]
        public long ImageId { get; init; }

        [JsonPropertyName("category_id")]
        public long CategoryId { get; init; }

        [JsonPropertyName("bbox")]
        public double[]? Box { get; init; }

        [JsonPropertyName("area")]
        public double? Area { get; init; }

        public double Size => Box is [_, _, var width, var height] ? width * height : Area ?? 0;
    }

    internal sealed class CocoCategory
    {
        [JsonPropertyName("id")]
        public long Id { get; init; }

        [JsonPropertyName("name")]
        public string Name { get; init; } = "";
    }
}
