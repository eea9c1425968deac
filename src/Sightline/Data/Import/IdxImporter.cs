using Sightline.Data.Store;

namespace Sightline.Data.Import;

/// <summary>The four IDX files of MNIST's kind.</summary>
internal sealed class IdxImporter : IImporter
{
    public string Name => "idx";

    public string Expects => "a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte (t10k-… for test), each with or without .gz, or one of these files";

    public bool Recognises(string path) => IdxReader.Recognises(FolderOf(path)) && (Directory.Exists(path) || Path.GetFileName(path).Contains("-ubyte", StringComparison.Ordinal));

    public ImportDraft Read(ImportContext context)
    {
        // Its own division into training and validation is not wanted: the names say which file a picture is from.
        var data = IdxReader.Open(FolderOf(context.Path), new SplitOptions());
        var names = context.Options.ClassesFile is null ? data.Classes : ClassList.Read(context.Options.ClassesFile, "")!; // A file that is named is read or refused.
        var hasTest = data.Images.Name(data.Images.Count - 1).StartsWith(SplitName.Test, StringComparison.Ordinal);
        var images = new ImportedImage[data.Images.Count];
        var buffer = new PixelBuffer();
        var source = (IBufferedImageSource)data.Images; // IdxImages is one.
        foreach (var example in data.Train.Concat(data.Validation).Concat(data.Test).OrderBy(example => example.Index))
        {
            source.DecodeInto(example.Index, 0, buffer);
            var grey = new byte[buffer.Width * buffer.Height];
            for (var i = 0; i < grey.Length; i++)
            {
                grey[i] = buffer.Pixels[3 * i];
            }

            var name = data.Images.Name(example.Index);
            var image = new ImportedImage($"{name}.png", ClassList.Name(names, example.Label, $"'{name}'"), hasTest ? name[..name.IndexOf('/')] : null);
            images[example.Index] = context.Pack(image, RawPicture.Grey(grey, buffer.Width, buffer.Height));
            context.Report("read", example.Index + 1, images.Length);
        }

        return new ImportDraft(images, names);
    }

    private static string FolderOf(string path) => Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!; // A file lies in a folder.
}
