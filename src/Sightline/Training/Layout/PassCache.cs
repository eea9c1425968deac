using System.Text.Json;

namespace Sightline.Training;

/// <summary>What was measured on this user's machines, in one file. It is a cache: what cannot be read or written is measured again.</summary>
internal sealed class PassCache(string folder)
{
    private string File => Path.Combine(folder, "passes.json");

    /// <summary>What was measured for a key; null where nothing was.</summary>
    public PassChoice? Find(string key) => Read().TryGetValue(key, out var choice) && choice is { Times.Count: > 0 } ? choice : null;

    /// <summary>Keeps a measurement.</summary>
    public void Add(string key, PassChoice choice)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var known = Read();
            known[key] = choice;
            AtomicFile.WriteText(File, JsonSerializer.Serialize(known, SightlineJson.Indented));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next run measures again.
        }
    }

    private Dictionary<string, PassChoice?> Read()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, PassChoice?>>(System.IO.File.ReadAllText(File), SightlineJson.Indented) ?? [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}
