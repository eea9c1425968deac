namespace Sightline.Data.Import;

/// <summary>A text file with a path and a label on each line, as Caffe and the ImageNet lists have it.</summary>
internal sealed class PathListImporter : IImporter
{
    public string Name => "list";

    public string Expects => "a .txt or .lst file with 'path label' on each line (a tab between them where names have spaces); numbers as labels with --classes FILE";

    public bool Recognises(string path) =>
        Path.GetExtension(path).ToLowerInvariant() is ".txt" or ".lst" && File.Exists(path);

    public ImportDraft Read(ImportContext context)
    {
        var classes = ClassList.Read(context.Options.ClassesFile, "");
        var files = new ListedFiles(context, context.Options.ImagesFolder ?? Path.GetDirectoryName(Path.GetFullPath(context.Path))!); // A file lies in a folder.
        foreach (var (index, raw) in File.ReadLines(context.Path).Index())
        {
            var line = raw.Trim();
            if (line.Length == 0 || line.StartsWith('#'))
            {
                continue;
            }

            var at = line.Contains('\t') ? line.LastIndexOf('\t') : line.LastIndexOf(' ');
            if (at <= 0)
            {
                throw new DataException(
                    $"Line {index + 1} of '{context.Path}' is '{Short(line)}'; 'path label' is expected. Put a space or tab between the picture's path and its class.");
            }

            var label = ClassList.Resolve(classes, line[(at + 1)..].Trim(), $"Line {index + 1} of '{context.Path}'");
            files.Add(line[..at].Trim(), index + 1, name => new ImportedImage(name, label, null));
        }

        return new ImportDraft(files.Finish(), classes);
    }

    private static string Short(string line) => line.Length > 60 ? line[..60] + "..." : line;
}
