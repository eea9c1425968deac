using System.Text.Json;
using Sightline.Data;

namespace Sightline.Runs;

/// <summary><c>split.json</c>: which picture is in which split of a run.</summary>
internal static class SplitFile
{
    /// <summary>The data set split as the run's file says.</summary>
    /// <exception cref="DataException">The file cannot be read, or names a picture that the data set has not.</exception>
    public static ImageDataset Apply(string file, ImageDataset data)
    {
        var known = new Dictionary<string, Example>(StringComparer.Ordinal);
        foreach (var example in data.Train.Concat(data.Validation).Concat(data.Test))
        {
            known[data.Images.Name(example.Index)] = example;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            IReadOnlyList<Example> Part(string name) => [.. document.RootElement.GetProperty(name).EnumerateArray().Select(entry =>
                known.TryGetValue(entry.GetString() ?? "", out var example) ? example : throw new DataException(
                    $"'{file}' names the picture '{entry.GetString()}', which '{data.Location}' has not. Restore the data, or start a new run."))];
            return data.With(Part("train"), Part("validation"), Part("test"));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or IOException)
        {
            throw new DataException($"'{file}' cannot be read: {error.Message} Start a new run.", error);
        }
    }
}
