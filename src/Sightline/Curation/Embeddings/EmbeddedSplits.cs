using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Inference;

namespace Sightline.Curation.Embeddings;

/// <summary>A range of rows.</summary>
internal readonly record struct EmbeddedSplit(string Name, int First, int Count);

/// <summary>A data set's splits one below the other in one matrix, with the neighbours of every picture in every split.</summary>
internal sealed class EmbeddedSplits
{
    private readonly Dictionary<(string Query, string Base), Neighbours> _pairs = [];

    public EmbeddedSplits(
        ImageDataset data, EmbeddingMatrix unit, Predictions predictions, int k, IProgress<EmbeddingProgress>? progress, CancellationToken cancel)
    {
        Data = data;
        Unit = unit;
        Examples = [.. data.Train, .. data.Validation, .. data.Test];
        Splits = Ranges(data);
        IsRight = Judge(data, Examples, predictions);
        var (done, all) = (0L, (long)unit.Count * unit.Count);
        foreach (var query in Splits)
        {
            foreach (var other in Splits)
            {
                _pairs[(query.Name, other.Name)] = Neighbours.Find(unit, (query.First, query.Count), (other.First, other.Count), k, cancel, products =>
                {
                    done += products;
                    progress?.Report(new EmbeddingProgress("neighbours", (double)done / all));
                });
            }
        }

        Nearest = [.. Splits.Select(query => Neighbours.Merge([.. Splits.Select(other => _pairs[(query.Name, other.Name)])]))];
    }

    public ImageDataset Data { get; }

    public EmbeddingMatrix Unit { get; }

    /// <summary>The picture of each row.</summary>
    public Example[] Examples { get; }

    /// <summary>The splits that have pictures, in the order train, validation, test.</summary>
    public IReadOnlyList<EmbeddedSplit> Splits { get; }

    /// <summary>For each split the nearest pictures among all splits.</summary>
    public IReadOnlyList<Neighbours> Nearest { get; }

    /// <summary>Whether the model finds each row's label; null for a row whose class it does not know.</summary>
    public bool?[] IsRight { get; }

    /// <summary>The nearest pictures in another split or the same.</summary>
    public Neighbours Between(string query, string other) => _pairs[(query, other)];

    public string Name(int row) => Data.Images.Name(Examples[row].Index);

    public string Class(int row) => Data.Classes[Examples[row].Label];

    private static List<EmbeddedSplit> Ranges(ImageDataset data)
    {
        var ranges = new List<EmbeddedSplit>();
        var first = 0;
        foreach (var (name, examples) in new[] { ("train", data.Train), ("validation", data.Validation), ("test", data.Test) })
        {
            if (examples.Count > 0)
            {
                ranges.Add(new EmbeddedSplit(name, first, examples.Count));
            }

            first += examples.Count;
        }

        return ranges;
    }

    // The model may know classes by other numbers than the data set, or not at all.
    private static bool?[] Judge(ImageDataset data, Example[] examples, Predictions predictions)
    {
        var known = data.Classes.Select(name => predictions.Classes.ToList().IndexOf(name)).ToArray();
        return [.. examples.Select((example, row) =>
            known[example.Label] < 0 ? (bool?)null : predictions.Predicted(row) == known[example.Label])];
    }
}
