using System.Text.Json;

namespace Sightline.Training;

/// <summary>What was measured on this user's machines, in one file. It is a cache: what cannot be read or written is measured again.</summary>
/// <param name="folder">Where the file lies.</param>
/// <param name="name">The file's name.</param>
/// <param name="isSound">Whether what was read can be used.</param>
internal class MeasurementCache<T>(string folder, string name, Predicate<T> isSound)
    where T : class
{
    private string File => Path.Combine(folder, name);

    /// <summary>What was measured for a key; null where nothing was.</summary>
    public T? Find(string key) => Read().TryGetValue(key, out var found) && found is not null && isSound(found) ? found : null;

    /// <summary>Keeps a measurement.</summary>
    public void Add(string key, T measured)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var known = Read();
            known[key] = measured;
            AtomicFile.WriteText(File, JsonSerializer.Serialize(known, SightlineJson.Indented));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next run measures again.
        }
    }

    private Dictionary<string, T?> Read()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, T?>>(System.IO.File.ReadAllText(File), SightlineJson.Indented) ?? [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}
