using System.Text.Json;
using Sightline.Runs;

namespace Sightline.Training;

/// <summary>The layouts that were measured on this user's machines, in one file. It is a cache: what cannot be read or written is measured again.</summary>
internal sealed class LayoutCache(string folder)
{
    private string File => Path.Combine(folder, "layouts.json");

    /// <summary>What a decision depends on.</summary>
    public static string Key(RunSettings settings)
    {
        var options = settings.Options;
        return string.Join(
            " | ", settings.Model, $"{settings.Preprocessing.CropSize} px", options.Precision, options.Device, $"{options.Threads} threads",
            settings.Environment.Processor, settings.Environment.LibTorch);
    }

    /// <summary>The layout decided for a key; null where there is none.</summary>
    public MemoryLayout? Find(string key) => Read().TryGetValue(key, out var layout) && layout != MemoryLayout.Auto ? layout : null;

    /// <summary>Keeps a decision.</summary>
    public void Add(string key, MemoryLayout layout)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var known = Read();
            known[key] = layout;
            AtomicFile.WriteText(File, JsonSerializer.Serialize(known, SightlineJson.Indented));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next run measures again.
        }
    }

    private Dictionary<string, MemoryLayout> Read()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, MemoryLayout>>(System.IO.File.ReadAllText(File), SightlineJson.Indented) ?? [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}
