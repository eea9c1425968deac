using System.Buffers.Binary;
using Sightline.Data;
using SkiaSharp;
using Xunit;

namespace Sightline.Tests.Data;

public sealed class ImageDatasetsTests : IDisposable
{
    private static readonly SplitOptions Split = new();

    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-data-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Open_tree_without_splits_makes_stratified_ones()
    {
        AddClass("b", 20);
        AddClass("a", 40);
        AddClass("Z", 2);

        var data = ImageDatasets.Open(_folder, Split);

        Assert.Equal(["Z", "a", "b"], data.Classes);
        Assert.Equal([(0, 1), (1, 32), (2, 16)], Counts(data.Train));
        Assert.Equal([(0, 1), (1, 4), (2, 2)], Counts(data.Validation));
        Assert.Equal([(1, 4), (2, 2)], Counts(data.Test));
        Assert.Equal(62, data.Train.Concat(data.Validation).Concat(data.Test).Select(example => example.Index).Distinct().Count());
        var notice = Assert.Single(data.Notices);
        Assert.Equal(new DataNotice("missing-class", "Z in test", "The test split has no picture of this class; the class keeps its number 0."), notice);
    }

    [Fact]
    public void Open_division_follows_the_seed_and_the_version_tells()
    {
        AddClass("a", 30);
        AddClass("b", 30);

        var first = ImageDatasets.Open(_folder, Split);
        var again = ImageDatasets.Open(_folder, Split);
        var other = ImageDatasets.Open(_folder, Split with { Seed = 2 });

        Assert.Equal(first.Train, again.Train);
        Assert.Equal(first.Version, again.Version);
        Assert.NotEqual(first.Train, other.Train);
        Assert.NotEqual(first.Version, other.Version);
        Assert.Matches("^[0-9a-f]{64}$", first.Version);
    }

    [Fact]
    public void Open_version_changes_with_one_picture()
    {
        AddClass("a", 5);
        AddClass("b", 5);
        var before = ImageDatasets.Open(_folder, Split).Version;

        WritePicture(Path.Combine(_folder, "a", "a00.png"), 77, side: 9);

        Assert.NotEqual(before, ImageDatasets.Open(_folder, Split).Version);
    }

    [Fact]
    public void Open_missing_class_in_a_split_is_reported_and_numbers_stay()
    {
        AddClass("train/a", 4);
        AddClass("train/c", 4);
        AddClass("val/a", 2);
        AddClass("val/b", 2);
        AddClass("test/c", 1);

        var data = ImageDatasets.Open(_folder, Split);

        Assert.Equal(["a", "b", "c"], data.Classes);
        Assert.Equal([(0, 4), (2, 4)], Counts(data.Train));
        Assert.Equal([(0, 2), (1, 2)], Counts(data.Validation));
        Assert.Equal([(2, 1)], Counts(data.Test));
        Assert.Equal(["b in train", "c in validation", "a in test", "b in test"], data.Notices.Select(notice => notice.Subject));
        Assert.Equal("val/b/b00.png", data.Images.Name(data.Validation[2].Index));
    }

    [Fact]
    public void Open_train_and_test_without_validation_carves_it_from_train()
    {
        AddClass("train/a", 20);
        AddClass("train/b", 10);
        AddClass("test/a", 3);
        AddClass("test/b", 3);

        var data = ImageDatasets.Open(_folder, Split);

        Assert.Equal((27, 3, 6), (data.Train.Count, data.Validation.Count, data.Test.Count));
        Assert.All(data.Validation, example => Assert.StartsWith("train/", data.Images.Name(example.Index)));
    }

    [Fact]
    public void Open_bad_files_are_listed_with_reasons_and_skipped()
    {
        AddClass("a", 4);
        AddClass("b", 4);
        var jpeg = File.ReadAllBytes(Golden.FilePath("jpeg_420.jpg"));
        File.WriteAllBytes(Path.Combine(_folder, "a", "x-empty.jpg"), []);
        File.WriteAllBytes(Path.Combine(_folder, "a", "x-cut.jpg"), jpeg[..(jpeg.Length / 2)]);
        File.WriteAllBytes(Path.Combine(_folder, "a", "x-bomb.png"), BombHeader());
        File.WriteAllText(Path.Combine(_folder, "a", "x-notes.jpg"), "not a picture");
        File.WriteAllText(Path.Combine(_folder, "a", ".hidden"), "not looked at");

        foreach (var _ in new[] { "fresh", "from memory" })
        {
            var data = ImageDatasets.Open(_folder, Split);

            Assert.Equal(8, data.Images.Count);
            Assert.Equal(
                [
                    "corrupt-file a/x-bomb.png: The file is 60000 x 60000 pixels, 3,600,000,000 in all; at most 178,956,970 are read, so that a small file cannot fill the memory.",
                    "corrupt-file a/x-cut.jpg: The file is a damaged Jpeg file (its data end too early).",
                    "corrupt-file a/x-empty.jpg: The file is empty (0 bytes).",
                    "unsupported-file a/x-notes.jpg: The file is no picture of a format that is read (JPEG, PNG, WebP, BMP, GIF).",
                ],
                data.Notices.Where(notice => notice.Kind.EndsWith("file", StringComparison.Ordinal)).Select(notice => $"{notice.Kind} {notice.Subject}: {notice.Reason}"));
        }
    }

    [Fact]
    public void Decode_file_that_broke_after_opening_names_it()
    {
        AddClass("a", 4);
        AddClass("b", 4);
        var data = ImageDatasets.Open(_folder, Split);
        var path = Path.Combine(_folder, "a", "a00.png");
        File.WriteAllBytes(path, []);

        var error = Assert.Throws<DataException>(() => data.Images.Decode(0, 0));

        Assert.Equal($"'{path}' is empty (0 bytes).", error.Message);
    }

    [Fact]
    public void Open_link_loops_end()
    {
        AddClass("a", 3);
        AddClass("b", 3);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "a", "loop"), _folder);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "self"), _folder);

        var data = ImageDatasets.Open(_folder, Split);

        Assert.Equal(6, data.Images.Count);
        Assert.Equal(["a/loop", "self"], data.Notices.Where(notice => notice.Kind == "link-loop").Select(notice => notice.Subject).Order());
    }

    [Fact]
    public void Open_class_of_one_picture_is_trained_on_with_a_notice()
    {
        AddClass("a", 10);
        AddClass("b", 1);

        var data = ImageDatasets.Open(_folder, Split);

        Assert.Contains(data.Train, example => example.Label == 1);
        Assert.Contains(data.Notices, notice => notice is { Kind: "single-picture-class", Subject: "b" });
    }

    [Fact]
    public void Open_unusable_places_say_what_to_do()
    {
        var archive = Path.Combine(_folder, "x.zip");
        File.WriteAllBytes(archive, [1]);
        Directory.CreateDirectory(Path.Combine(_folder, "none"));
        AddClass("one/a", 3);
        AddClass("single/a", 1);
        AddClass("single/b", 1);
        File.WriteAllBytes(Path.Combine(_folder, "none", "loose.jpg"), [1]);
        Directory.CreateDirectory(Path.Combine(_folder, "bad", "a"));
        File.WriteAllBytes(Path.Combine(_folder, "bad", "a", "1.jpg"), []);

        Check<NotFoundException>("gone", "The data set '{0}' is not there. Check the path; it must be a folder.");
        Check<DataException>("x.zip", "'{0}' is an archive; a folder is expected. Import it with 'sightline data import {0} --name NAME', or unpack it and pass the folder.");
        Check<DataException>("none", "'{0}' holds 1 files but no class folder with pictures. Give each class a folder of its own: class/picture.jpg, or train/class/picture.jpg, val/…, test/….");
        Check<DataException>("one", "'{0}' has one class only (a); a classifier needs at least two. Add a folder of pictures for another class.");
        Check<DataException>("single", "'{0}' has one picture per class at most, so none is left for validation. Add pictures: at least two of one class.");
        Check<DataException>("bad", "'{0}' holds no picture that can be read; 1 files were tried. The first: 'a/1.jpg': The file is empty (0 bytes).");
    }

    [Fact]
    public void Open_share_out_of_range_is_named()
    {
        AddClass("a", 3);
        AddClass("b", 3);

        var error = Assert.Throws<SettingsException>(() => ImageDatasets.Open(_folder, Split with { ValidationShare = 1 }));

        Assert.StartsWith("ValidationShare is 1; it must be above 0 and below 1. Pass --set validationShare=0.1.", error.Message);
    }

    [Fact]
    public void Open_idx_wrong_headers_and_lengths_are_named()
    {
        var images = Path.Combine(_folder, "train-images-idx3-ubyte");
        var labels = Path.Combine(_folder, "train-labels-idx1-ubyte");
        File.WriteAllBytes(labels, Idx([4], 4));

        File.WriteAllBytes(images, Idx([4, 2, 2], 15));
        Assert.Equal($"'{images}' holds 15 elements; its header promises 16. The file is cut short: fetch it again.", Error());
        File.WriteAllBytes(images, Idx([4, 2, 2], 17));
        Assert.Equal($"'{images}' goes on after the 16 elements that its header promises. Fetch the file again.", Error());
        File.WriteAllBytes(images, Idx([4], 4));
        Assert.StartsWith($"'{images}' begins with the bytes 00000801; an IDX file of unsigned bytes with 3 dimensions begins with 00000803.", Error());
        File.WriteAllBytes(images, Idx([100_000, 100_000, 3], 0));
        Assert.Equal($"'{images}' says that it holds 100000 x 100000 x 3 bytes; at most 2,147,483,584 are read. Check the file's header.", Error());
        File.WriteAllBytes(images, Idx([3, 2, 2], 12));
        Assert.Equal($"'{images}' holds 3 pictures but '{labels}' 4 labels. They do not belong together.", Error());
        File.Delete(images);
        Assert.Equal($"'{labels}' is there but 'train-images-idx3-ubyte' (or 'train-images-idx3-ubyte.gz') is not. Put both into '{_folder}'.", Error());

        string Error() => Assert.Throws<DataException>(() => ImageDatasets.Open(_folder, Split)).Message;
    }

    [Fact]
    public void Open_idx_gives_grey_as_rgb_and_names_by_number()
    {
        File.WriteAllBytes(Path.Combine(_folder, "train-images-idx3-ubyte"), Idx([20, 2, 3], 120));
        File.WriteAllBytes(Path.Combine(_folder, "train-labels-idx1-ubyte"), Idx([20], 20, value => (byte)(value % 2)));

        var data = ImageDatasets.Open(_folder, Split);

        Assert.Equal(["0", "1"], data.Classes);
        Assert.Equal((16, 2, 2), (data.Train.Count, data.Validation.Count, data.Test.Count));
        var picture = data.Images.Decode(1, 0);
        Assert.Equal((3, 2), (picture.Width, picture.Height));
        Assert.Equal<byte>([6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10, 10, 11, 11, 11], picture.Pixels);
        Assert.Equal("train/00001", data.Images.Name(1));
    }

    [Fact]
    public void Open_clothing_photos_as_their_readme_counts_them()
    {
        var archive = Path.GetFullPath(Path.Combine(Golden.Folder, "..", "..", "..", "..", "shared", "data", "photos", "clothing.tar"));
        Assert.SkipUnless(File.Exists(archive), "../shared/data/photos/clothing.tar is absent.");
        System.Formats.Tar.TarFile.ExtractToDirectory(archive, _folder, overwriteFiles: false);

        var data = ImageDatasets.Open(_folder, Split);

        Assert.Equal((3068, 341, 372, 10), (data.Train.Count, data.Validation.Count, data.Test.Count, data.Classes.Count));
        Assert.Empty(data.Notices);
    }

    private void Check<TException>(string name, string message)
        where TException : Exception
    {
        var path = Path.Combine(_folder, name);

        Assert.Equal(string.Format(message, path), Assert.Throws<TException>(() => ImageDatasets.Open(path, Split)).Message);
    }

    private static IEnumerable<(int Label, int Count)> Counts(IEnumerable<Example> examples) =>
        examples.GroupBy(example => example.Label).OrderBy(group => group.Key).Select(group => (group.Key, group.Count()));

    private void AddClass(string name, int count)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        for (var i = 0; i < count; i++)
        {
            WritePicture(Path.Combine(folder, $"{Path.GetFileName(name)}{i:D2}.png"), i);
        }
    }

    private static void WritePicture(string path, int seed, int side = 8)
    {
        using var bitmap = new SKBitmap(side, side);
        bitmap.Erase(new SKColor((byte)(seed * 5), (byte)(seed * 3), 100));
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, data.ToArray());
    }

    // A PNG of 33 bytes that claims 60,000 x 60,000 pixels; the checksum is right, so that only the size is wrong with it.
    private static byte[] BombHeader()
    {
        var file = new List<byte>([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]);
        byte[] header = [0x49, 0x48, 0x44, 0x52, 0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0];
        file.AddRange(header);
        file.AddRange(BigEndian(Crc(header)));
        file.AddRange([0, 0, 0, 0, 0x49, 0x44, 0x41, 0x54, 0x35, 0xAF, 0x06, 0x1E]);
        return [.. file];
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }

    private static byte[] Idx(int[] dimensions, int elements, Func<int, byte>? value = null)
    {
        var file = new List<byte>([0, 0, 8, (byte)dimensions.Length]);
        foreach (var size in dimensions)
        {
            file.AddRange(BigEndian((uint)size));
        }

        file.AddRange(Enumerable.Range(0, elements).Select(value ?? (i => (byte)i)));
        return [.. file];
    }

    private static byte[] BigEndian(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
