using System.Runtime.CompilerServices;
using Sightline.Data;
using Sightline.Data.Import;
using Sightline.Data.Store;
using SkiaSharp;

namespace Sightline.Tests.Data.Import;

/// <summary>A store in a folder of its own, the sources of tests/golden/import, and small pictures.</summary>
internal sealed class ImportFixture : IDisposable
{
    public static SplitOptions Split { get; } = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory("sightline-import-").FullName;

    public DatasetStore Store => new(At("store"), TimeProvider.System);

    public static string Golden(string name) => Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "golden", "import", name);

    /// <summary>The pixel of picture(i) of tests/golden/import.py.</summary>
    public static byte[] PixelOf(int i) => [(byte)(40 * i), 10, (byte)(200 - (20 * i))];

    public string At(params string[] parts) => Path.Combine([Folder, .. parts]);

    public DatasetVersion Import(string source, Func<ImportOptions, ImportOptions>? with = null, string name = "set", CancellationToken cancel = default)
    {
        using var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) });
        var options = new ImportOptions { Source = source, Name = name };
        return DatasetImport.RunAsync(with is null ? options : with(options), Store, http, null, cancel).GetAwaiter().GetResult();
    }

    public ImageDataset Open(DatasetVersion version) => ImageDatasets.Open(version.Folder, Split);

    /// <summary>Whether the store shows nothing and keeps nothing of an import that failed.</summary>
    public bool IsEmpty => Store.Names().Count == 0 && !Directory.Exists(At("store", "set"));

    /// <summary>Class folders of PNG files with unlike pixels.</summary>
    public string WriteTree(string name, params (string Class, int Count)[] classes)
    {
        foreach (var (label, count) in classes)
        {
            for (var i = 0; i < count; i++)
            {
                WritePicture(At(name, label, $"{i:D3}.png"), i + (label.GetHashCode(StringComparison.Ordinal) & 0xFF00));
            }
        }

        return At(name);
    }

    public static void WritePicture(string path, int seed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var bitmap = new SKBitmap(4, 4);
        bitmap.Erase(new SKColor((byte)seed, (byte)(seed >> 8), (byte)(seed * 7)));
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, data.ToArray());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
