using Sightline.Data;

namespace Sightline.Curation.Labels;

/// <summary>A table of probabilities whose rows and columns are found by name.</summary>
internal sealed class NamedProbabilities(string path, ImageDataset data, IReadOnlyList<Example> examples)
{
    /// <summary>[N,K] in the order of the examples and classes.</summary>
    /// <param name="lines">The header, then one line per picture.</param>
    public float[] Read(List<string[]> lines)
    {
        var classes = data.Classes.Count;
        var columns = Columns(lines[0]);
        var places = new Dictionary<string, int>(examples.Count, StringComparer.Ordinal);
        for (var i = 0; i < examples.Count; i++)
        {
            places[data.Images.Name(examples[i].Index)] = i;
        }

        var values = new float[examples.Count * classes];
        var isSet = new bool[examples.Count];
        for (var line = 1; line < lines.Count; line++)
        {
            var fields = lines[line];
            if (fields.Length != classes + 1)
            {
                throw new DataException(
                    $"Line {line + 1} of '{path}' has {fields.Length} columns; there must be {classes + 1}: the picture and one per class.");
            }

            if (!places.TryGetValue(fields[0], out var row))
            {
                continue; // A picture of another split, or one that was excluded since.
            }

            if (isSet[row])
            {
                throw new DataException($"Line {line + 1} of '{path}' names the picture '{fields[0]}' a second time; each must be there once.");
            }

            isSet[row] = true;
            for (var k = 0; k < classes; k++)
            {
                values[(row * classes) + columns[k]] = ProbabilitiesFile.Number(path, fields[k + 1], line + 1);
            }
        }

        var missing = Array.IndexOf(isSet, false);
        return missing < 0 ? values : throw new DataException(
            $"'{path}' has no line for {isSet.Count(found => !found)} of {examples.Count} pictures, the first being " +
            $"'{data.Images.Name(examples[missing].Index)}'. " +
            "Names must be written as 'sightline data show' writes them.");
    }

    // For each column after the name: its class.
    private int[] Columns(string[] header)
    {
        var known = data.Classes.Select((name, label) => (name, label)).ToDictionary(pair => pair.name, pair => pair.label);
        var unknown = header.Skip(1).Where(name => !known.ContainsKey(name)).ToList();
        var missing = data.Classes.Except(header.Skip(1)).ToList();
        if (unknown.Count > 0 || missing.Count > 0 || header.Length != data.Classes.Count + 1)
        {
            throw new DataException(
                $"The columns of '{path}' are not the classes of the data set: missing [{string.Join(", ", missing)}], " +
                $"unknown [{string.Join(", ", unknown)}]. " +
                $"Each class must have one column; the classes are {string.Join(", ", data.Classes)}.");
        }

        return [.. header.Skip(1).Select(name => known[name])];
    }
}
