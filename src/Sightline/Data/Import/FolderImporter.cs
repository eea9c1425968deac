using Sightline.Data.Store;

namespace Sightline.Data.Import;

/// <summary>A tree of class folders, with or without split folders above them. Folders below a class folder belong to the class.</summary>
internal sealed class FolderImporter : IImporter
{
    public string Name => "folders";

    public string Expects => "a folder of class folders: class/picture.jpg, class/any/depth/picture.jpg, or train/class/…, val/class/…, test/class/…";

    public bool Recognises(string path) => Directory.Exists(path) && Directory.EnumerateDirectories(path).Any(folder => !Path.GetFileName(folder).StartsWith('.'));

    public ImportDraft Read(ImportContext context)
    {
        var scan = FolderScan.Run(context.Path, context.Notices);
        var hasSplits = scan.HasSplit[1] || scan.HasSplit[2];
        var classes = context.ClassNames();
        return new ImportDraft(
            [
                .. scan.Files.Select(file => new ImportedImage(
                    file.Name,
                    ClassList.Resolve(classes, file.ClassName, $"'{file.Name}'"),
                    hasSplits ? SplitName.All[file.Split] : null)
                {
                    File = Path.Combine(context.Path, file.Name),
                }),
            ],
            classes);
    }
}
