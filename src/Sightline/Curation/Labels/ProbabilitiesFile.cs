using System.Globalization;
using System.Text;
using Sightline.Data;
using Sightline.Weights;
using static TorchSharp.torch;

namespace Sightline.Curation.Labels;

/// <summary>Files of class probabilities: <c>.npy</c> and <c>.csv</c>.</summary>
/// <remarks>
/// A .npy file is a float matrix [N,K]: rows in the order of the pictures, columns in the order of the classes. A .csv file either has a first
/// line with <c>picture</c> and the class names, in any order, and then a picture's name and its probabilities on each line, in any order; or
/// numbers only, like the matrix.
/// </remarks>
public static class ProbabilitiesFile
{
    private const string NameColumn = "picture";

    // Below this many pictures chance agreement is no proof of a wrong order.
    private const int FewestToJudgeOrder = 50;

    /// <summary>Reads the probabilities of the given pictures.</summary>
    /// <param name="path">The file; its extension decides its form.</param>
    /// <param name="data">Classes and picture names.</param>
    /// <param name="examples">The pictures, in the order of the result's rows.</param>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="DataException">
    /// Rows, columns or names do not fit the data set, a value is no probability, a row does not sum to 1, or the rows agree with the labels no
    /// better than in a random order.
    /// </exception>
    /// <exception cref="WeightsException">A .npy file is damaged or of another element type.</exception>
    public static ClassProbabilities Read(string path, ImageDataset data, IReadOnlyList<Example> examples)
    {
        if (!File.Exists(path))
        {
            throw new NotFoundException($"The probabilities file '{path}' is not there.");
        }

        var isNamed = false;
        var values = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".npy" => ReadMatrix(path, data, examples),
            ".csv" => ReadTable(path, data, examples, out isNamed),
            var other => throw new DataException(
                $"'{path}' ends with '{other}'; probabilities are read from .npy and .csv files. Save them as one of these."),
        };
        var probabilities = Checked(path, values, data.Classes.Count);
        if (!isNamed)
        {
            CheckOrder(path, probabilities, examples);
        }

        return probabilities;
    }

    /// <summary>Writes probabilities so that <see cref="Read"/> gives them back; the old file, if any, stays until the new one is complete.</summary>
    /// <param name="path">Ends with <c>.npy</c> or <c>.csv</c>.</param>
    /// <param name="data">Classes and picture names.</param>
    /// <param name="examples">The pictures, in the order of the rows.</param>
    /// <param name="probabilities">One row per picture.</param>
    /// <exception cref="SettingsException">The path has another extension.</exception>
    public static void Write(string path, ImageDataset data, IReadOnlyList<Example> examples, ClassProbabilities probabilities)
    {
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".npy":
                Native.NativeRuntime.EnsureLoaded();
                using (NewDisposeScope())
                {
                    var rows = Enumerable.Range(0, probabilities.Count).SelectMany(i => probabilities.Row(i).ToArray()).ToArray();
                    NumpyFile.Write(path, tensor(rows).reshape(probabilities.Count, probabilities.Classes));
                }

                break;
            case ".csv":
                var text = new StringBuilder().AppendJoin(',', data.Classes.Prepend(NameColumn).Select(Quoted)).Append('\n');
                for (var i = 0; i < examples.Count; i++)
                {
                    text.Append(Quoted(data.Images.Name(examples[i].Index)));
                    foreach (var value in probabilities.Row(i))
                    {
                        text.Append(',').Append(value.ToString("R", CultureInfo.InvariantCulture));
                    }

                    text.Append('\n');
                }

                AtomicFile.WriteText(path, text.ToString());
                break;
            case var other:
                throw new SettingsException(
                    $"'{path}' ends with '{other}'; probabilities are written to .npy and .csv files. Choose one of these endings.");
        }
    }

    private static float[] ReadMatrix(string path, ImageDataset data, IReadOnlyList<Example> examples)
    {
        Native.NativeRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        var matrix = NumpyFile.Read(path);
        CheckShape(path, matrix.shape, data, examples);
        return matrix.to(ScalarType.Float32).contiguous().data<float>().ToArray();
    }

    private static void CheckShape(string path, long[] shape, ImageDataset data, IReadOnlyList<Example> examples)
    {
        if (shape.Length != 2 || shape[0] != examples.Count || shape[1] != data.Classes.Count)
        {
            throw new DataException(
                $"'{path}' has the shape ({string.Join(", ", shape)}); {examples.Count} pictures of {data.Classes.Count} classes need " +
                $"({examples.Count}, {data.Classes.Count}): " +
                "a row per picture in the order of the data set, a column per class.");
        }
    }

    private static float[] ReadTable(string path, ImageDataset data, IReadOnlyList<Example> examples, out bool isNamed)
    {
        var lines = File.ReadLines(path).Where(line => line.Length > 0).Select((line, i) => Fields(path, line, i + 1)).ToList();
        isNamed = lines.Count > 0 && lines[0][0].Equals(NameColumn, StringComparison.OrdinalIgnoreCase);
        if (isNamed)
        {
            return new NamedProbabilities(path, data, examples).Read(lines);
        }

        CheckShape(path, [lines.Count, lines.Count == 0 ? 0 : lines[0].Length], data, examples);
        var uneven = lines.FindIndex(fields => fields.Length != data.Classes.Count);
        return uneven < 0 ? [.. lines.SelectMany((fields, i) => fields.Select(field => Number(path, field, i + 1)))] : throw new DataException(
            $"Line {uneven + 1} of '{path}' has {lines[uneven].Length} columns; there must be {data.Classes.Count}, one per class.");
    }

    private static ClassProbabilities Checked(string path, float[] values, int classes)
    {
        try
        {
            return new ClassProbabilities(values, classes);
        }
        catch (DataException problem)
        {
            throw new DataException($"'{path}' cannot be used. {problem.Message}", problem);
        }
    }

    // In a random order the most probable class equals the label as often as the shares of classes say; three standard errors above that are
    // chance still.
    private static void CheckOrder(string path, ClassProbabilities probabilities, IReadOnlyList<Example> examples)
    {
        var count = (double)examples.Count;
        if (count < FewestToJudgeOrder)
        {
            return;
        }

        var given = new double[probabilities.Classes];
        var predicted = new double[probabilities.Classes];
        var same = 0;
        for (var i = 0; i < examples.Count; i++)
        {
            var largest = probabilities.Largest(i);
            given[examples[i].Label]++;
            predicted[largest]++;
            same += largest == examples[i].Label ? 1 : 0;
        }

        var chance = given.Zip(predicted, (a, b) => a / count * (b / count)).Sum();
        if (chance < 1 && same / count < chance + (3 * Math.Sqrt(chance * (1 - chance) / count)))
        {
            throw new DataException(
                $"The rows of '{path}' agree with the labels in {same / count:P1} of the pictures, and {chance:P1} would agree in a random " +
                $"order. The rows are probably in another order than the data set's. Sort them, or save a .csv file whose first line is " +
                $"'{NameColumn}' and the class names.");
        }
    }

    internal static float Number(string path, string field, int line) =>
        float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw new DataException(
            $"Line {line} of '{path}' has '{field}' where a probability is expected; it must be a number from 0 to 1 with a point. " +
            $"A file with names has a first line of '{NameColumn}' and the class names.");

    private static string Quoted(string field) =>
        field.AsSpan().ContainsAny(',', '"', '\n') ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;

    // RFC 4180 without line breaks in fields.
    private static string[] Fields(string path, string line, int number)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && isQuoted && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append(line[i++]);
            }
            else if (line[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (line[i] == ',' && !isQuoted)
            {
                fields.Add(field.ToString().Trim());
                field.Clear();
            }
            else
            {
                field.Append(line[i]);
            }
        }

        fields.Add(field.ToString().Trim());
        return isQuoted ? throw new DataException($"Line {number} of '{path}' opens a quotation mark and does not close it.") : [.. fields];
    }
}
