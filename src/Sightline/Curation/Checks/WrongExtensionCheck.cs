namespace Sightline.Curation.Checks;

/// <summary>Files whose name promises another format than their content has.</summary>
internal sealed class WrongExtensionCheck : IDatasetCheck
{
    private static readonly Dictionary<string, string> Formats = new(StringComparer.OrdinalIgnoreCase)
    {
        [".jpg"] = "jpeg", [".jpeg"] = "jpeg", [".jpe"] = "jpeg", [".jfif"] = "jpeg", [".png"] = "png", [".gif"] = "gif", [".bmp"] = "bmp",
        [".dib"] = "bmp", [".webp"] = "webp", [".tif"] = "tiff", [".tiff"] = "tiff", [".heic"] = "heic", [".avif"] = "avif",
    };

    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("wrong-extension", "The file's name promises another format than its first bytes show.", "Rename it; other programs may refuse it."),
    ];

    public IEnumerable<Finding> Run(CheckInput input)
    {
        for (var i = 0; i < input.Facts.Count; i++)
        {
            var extension = Path.GetExtension(input.Name(i));
            if (input.Facts[i]?.Format is { } format && Formats.TryGetValue(extension, out var promised) && promised != format)
            {
                yield return new Finding
                {
                    Kind = "wrong-extension",
                    Severity = Severity.Note,
                    Subject = input.Name(i),
                    Images = [i],
                    Reason = $"The file is called {extension} but is a {format} file. It is read by its content.",
                };
            }
        }
    }
}
