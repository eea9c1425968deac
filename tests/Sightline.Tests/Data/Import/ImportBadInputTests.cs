using System.IO.Compression;
using Sightline.Data.Import;
using Xunit;

namespace Sightline.Tests.Data.Import;

/// <summary>Sources that are refused: the message names the trouble, and nothing of them stays.</summary>
public sealed class ImportBadInputTests : IDisposable
{
    private readonly ImportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("escape.zip", "leads out of the folder")]
    [InlineData("escape.tar", "leads out of the folder")]
    [InlineData("absolute.tar", "leads out of the folder")]
    [InlineData("link.zip", "is a link")]
    [InlineData("symlink.tar", "is a link to '/tmp'")]
    [InlineData("hardlink.tar", "is a link to '/etc/passwd'")]
    [InlineData("device.tar", "is of the kind CharacterDevice")]
    public void Hostile_archives(string archive, string reason)
    {
        Refused(ImportFixture.Golden(archive), reason);

        Assert.False(File.Exists(_fixture.At("escaped.png")) || File.Exists("/tmp/escaped.png") || File.Exists(_fixture.At("store", "escaped.png")));
    }

    [Fact]
    public void Bomb_of_one_large_file()
    {
        WriteZip("bomb.zip", ("cat/0.png", 200 << 20));

        Refused(_fixture.At("bomb.zip"), "at most 100 times is allowed");
    }

    [Fact]
    public void Bomb_of_many_files_in_gzip()
    {
        using (var gzip = new GZipStream(File.Create(_fixture.At("bomb.tar.gz")), CompressionLevel.Optimal))
        using (var tar = new System.Formats.Tar.TarWriter(gzip))
        {
            for (var i = 0; i < 40; i++)
            {
                tar.WriteEntry(new System.Formats.Tar.GnuTarEntry(System.Formats.Tar.TarEntryType.RegularFile, $"cat/{i}.png") { DataStream = new MemoryStream(new byte[4 << 20]) });
            }
        }

        Refused(_fixture.At("bomb.tar.gz"), "at most 100 times is allowed");
    }

    [Fact]
    public void Archive_over_the_limits()
    {
        WriteZip("large.zip", ("cat/0.png", 1 << 20), ("cat/1.png", 1 << 20));

        Refused(_fixture.At("large.zip"), "unpacks to more than 1,500,000 bytes", options => options with { Limits = new ImportLimits { UnpackedBytes = 1_500_000 } });
        Refused(_fixture.At("large.zip"), "more than 1 files", options => options with { Limits = new ImportLimits { Entries = 1 } });
        Refused(_fixture.At("large.zip"), "is larger than 1,000 bytes", options => options with { Limits = new ImportLimits { EntryBytes = 1000 } });
    }

    [Fact]
    public void Archive_cut_short()
    {
        var whole = File.ReadAllBytes(ImportFixture.Golden("cifar-10-binary.tar.gz"));
        File.WriteAllBytes(_fixture.At("cut.tar.gz"), whole[..(whole.Length / 2)]);

        Refused(_fixture.At("cut.tar.gz"), "is damaged or cut short");
    }

    [Fact]
    public void Unknown_format_lists_the_known()
    {
        File.WriteAllText(_fixture.At("data.xyz"), "something");

        var error = Refused(_fixture.At("data.xyz"), "is of no format that can be imported; it begins with the bytes 736F6D657468696E");

        Assert.All(Importers.All, importer => Assert.Contains($"{importer.Name}: ", error.Message));
    }

    [Theory]
    [InlineData("path,label\na.png,cat\n./a.png,dog\n", "names 1 paths twice: './a.png' (lines 2 and 3)")]
    [InlineData("path,label\na.png,cat\ngone.png,dog\n", "names 1 files (of 2) that are not below")]
    [InlineData("picture,label\na.png,cat\n", "has the columns 'picture', 'label'; one of path, file, filename, file_name, image, image_path, filepath is needed. Name the column with --path-column.")]
    [InlineData("path,label,split\na.png,cat,holdout\n", "has the split 'holdout'; train, validation (val, valid, dev) and test are known")]
    [InlineData("path,label\na.png,cat,extra\n", "has 3 fields, its first line 2")]
    [InlineData("path,label\na.png,\n", "has no label")]
    [InlineData("path,label,time\na.png,cat,yesterday\n", "has the time 'yesterday'")]
    [InlineData("", "is empty")]
    public void Tables(string table, string reason)
    {
        ImportFixture.WritePicture(_fixture.At("a.png"), 1);
        File.WriteAllText(_fixture.At("list.csv"), table);

        Refused(_fixture.At("list.csv"), reason);
    }

    [Fact]
    public void Label_that_is_not_in_the_class_list()
    {
        ImportFixture.WritePicture(_fixture.At("a.png"), 1);
        File.WriteAllText(_fixture.At("list.csv"), "path,label\na.png,cta\n");
        File.WriteAllText(_fixture.At("names.txt"), "cat\ndog\n");

        Refused(_fixture.At("list.csv"), "the label 'cta' is not in the list of 2 classes (cat, dog)", options => options with { ClassesFile = _fixture.At("names.txt") });
    }

    [Fact]
    public void Missing_files_can_be_left_out()
    {
        ImportFixture.WritePicture(_fixture.At("a.png"), 1);
        File.WriteAllText(_fixture.At("list.txt"), "a.png cat\ngone.png dog\n");

        var version = _fixture.Import(_fixture.At("list.txt"), options => options with { SkipMissing = true });

        Assert.Equal(1, version.Images);
        Assert.Equal("missing-file", Assert.Single(_fixture.Store.ReadNotices(version)).Kind);
    }

    [Fact]
    public void Source_that_is_not_there()
    {
        var error = Assert.Throws<NotFoundException>(() => _fixture.Import(_fixture.At("nowhere")));

        Assert.Contains("is not there", error.Message);
        Assert.True(_fixture.IsEmpty);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("a b")]
    public void Names_that_cannot_be(string name) => Assert.Throws<SettingsException>(() => _fixture.Import(_fixture.Folder, name: name));

    private DataException Refused(string source, string reason, Func<ImportOptions, ImportOptions>? with = null)
    {
        var error = Assert.Throws<DataException>(() => _fixture.Import(source, with));

        Assert.Contains(reason, error.Message);
        Assert.True(_fixture.IsEmpty, "Something of the import was left.");
        return error;
    }

    private void WriteZip(string name, params (string Name, int Zeros)[] entries)
    {
        using var zip = ZipFile.Open(_fixture.At(name), ZipArchiveMode.Create);
        foreach (var (entry, zeros) in entries)
        {
            using var stream = zip.CreateEntry(entry).Open();
            var block = new byte[1 << 20];
            for (var written = 0; written < zeros; written += block.Length)
            {
                stream.Write(block);
            }
        }
    }
}
