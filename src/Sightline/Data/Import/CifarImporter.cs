using Sightline.Data.Store;

namespace Sightline.Data.Import;

/// <summary>The binary versions of CIFAR-10 and CIFAR-100.</summary>
/// <remarks>
/// Krizhevsky 2009, cs.toronto.edu/~kriz/cifar.html: records of one label byte (CIFAR-100: coarse, then fine) and 3,072 bytes, the 32 x 32
/// red, then green, then blue values. CIFAR-100 gets its 100 fine classes.
/// </remarks>
internal sealed class CifarImporter : IImporter
{
    private const int Side = 32;
    private const int PixelBytes = 3 * Side * Side;

    private static readonly string[] Ten =
        ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"];

    private static readonly string[] Hundred = ["train.bin", "test.bin"];

    public string Name => "cifar";

    public string Expects => "the folder of CIFAR-10's binary version (data_batch_1.bin … test_batch.bin) or CIFAR-100's (train.bin, test.bin, fine_label_names.txt)";

    public bool Recognises(string path)
    {
        var folder = FolderOf(path);
        return (Directory.Exists(path) || path.EndsWith(".bin", StringComparison.Ordinal))
            && (Ten.Any(name => File.Exists(Path.Combine(folder, name))) || File.Exists(Path.Combine(folder, "fine_label_names.txt")));
    }

    public ImportDraft Read(ImportContext context)
    {
        var folder = FolderOf(context.Path);
        var isHundred = !Ten.Any(name => File.Exists(Path.Combine(folder, name)));
        var files = (isHundred ? Hundred : Ten).Where(name => File.Exists(Path.Combine(folder, name))).ToArray();
        var names = ClassList.Read(context.Options.ClassesFile ?? Names(folder, isHundred), folder);
        var labels = isHundred ? 2 : 1;
        var record = new byte[labels + PixelBytes];
        var total = files.Sum(name => new FileInfo(Path.Combine(folder, name)).Length) / record.Length;
        var images = new List<ImportedImage>();
        foreach (var file in files)
        {
            using var stream = new FileStream(Path.Combine(folder, file), FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
            if (stream.Length == 0 || stream.Length % record.Length != 0)
            {
                throw new DataException(
                    $"'{stream.Name}' has {stream.Length:N0} bytes; {(isHundred ? "CIFAR-100" : "CIFAR-10")} has records of {record.Length:N0} bytes. Fetch the file again.");
            }

            var split = file.StartsWith("test", StringComparison.Ordinal) ? SplitName.Test : SplitName.Train;
            var hasTest = files[^1].StartsWith("test", StringComparison.Ordinal) && files.Length > 1;
            for (var index = 0; stream.ReadAtLeast(record, record.Length, throwOnEndOfStream: false) == record.Length; index++)
            {
                var name = $"{Path.GetFileNameWithoutExtension(file)}/{index:D5}";
                var image = new ImportedImage($"{name}.png", ClassList.Name(names, record[labels - 1], $"'{name}'"), hasTest ? split : null);
                images.Add(context.Pack(image, RawPicture.Planes(record.AsSpan(labels), Side, Side)));
                context.Report("read", images.Count, total);
            }
        }

        return new ImportDraft(images, names ?? [.. images.Select(image => image.Label).Distinct().OrderBy(int.Parse)]);
    }

    private static string? Names(string folder, bool isHundred)
    {
        var path = Path.Combine(folder, isHundred ? "fine_label_names.txt" : "batches.meta.txt");
        return File.Exists(path) ? path : null;
    }

    private static string FolderOf(string path) => Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!; // A file lies in a folder.
}
