using Sightline.Cli.Output;
using Sightline.Curation;
using Sightline.Curation.Embeddings;

namespace Sightline.Cli.Checks;

/// <summary>What a trained model's embeddings say: near duplicates, leakage, outliers, coverage of the classes.</summary>
/// <param name="run">Folder of the run.</param>
internal sealed class EmbeddingCheck(string run, RareLines lines) : IDatasetCheck
{
    /// <summary>The figures behind the findings; null before the check has run.</summary>
    public EmbeddingReport? Report { get; private set; }

    /// <summary>Whether the model finds each picture's label; null before the check has run.</summary>
    public IReadOnlyList<bool?>? IsRight { get; private set; }

    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("embedding-leakage", "A picture of a later split is nearly one of an earlier split to the model.", "Keep both in one split, or exclude one."),
        new("embedding-near-duplicate", "Two pictures of a split are nearly the same to the model.", "Look at each pair; exclude one, or keep both."),
        new("outlier", "A picture is far from its neighbours to the model.", "Look at each; exclude what does not belong."),
        new("low-diversity", "The pictures of a class are much alike to the model.", "Gather other pictures of the class: other places, light, angles."),
        new("overlapping-classes", "Two classes lie where one is to the model.", "Look whether they are one class, or gather pictures that tell them apart."),
    ];

    public IEnumerable<Finding> Run(CheckInput input)
    {
        var found = EmbeddingChecks.Run(input.Data, run, new EmbeddingCheckOptions(), lines, input.CancellationToken);
        Report = found.Report;
        IsRight = found.IsRight;
        return found.Findings;
    }

    /// <summary>The figures for people.</summary>
    public void Write(TextWriter text)
    {
        if (Report is not { } report)
        {
            return;
        }

        text.WriteLine();
        text.WriteLine($"Embeddings: {report.Pictures} pictures, {report.Dimensions} numbers each, by {report.Model}.");
        var leakage = new TextTable("SPLIT", "LEAKED FROM", "LEAKED", "OF", "ACCURACY", "WITHOUT") { RightAligned = [2, 3, 4, 5] };
        foreach (var line in report.Leakage)
        {
            leakage.Add(
                line.Split, line.From, $"{line.Leaked}", $"{line.Pictures}", Readable.Percent(line.Accuracy), Readable.Percent(line.AccuracyWithout));
        }

        leakage.Write(text);
        text.WriteLine();
        var classes = new TextTable("CLASS", "PICTURES", "SPREAD", "WORTH", "NEAREST CLASS", "DISTANCE") { RightAligned = [1, 2, 3, 5] };
        foreach (var line in report.PerClass)
        {
            classes.Add(
                line.Class, $"{line.Pictures}", Number(line.MeanDistance), $"{line.EffectiveCount:0}", line.NearestClass ?? "-", Number(line.NearestDistance));
        }

        classes.Write(text);
    }

    private static string Number(double? value) => value is { } number ? $"{number:0.0000}" : "-";
}
