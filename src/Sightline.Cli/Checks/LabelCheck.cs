using Sightline.Cli.Output;
using Sightline.Curation;
using Sightline.Curation.Labels;

namespace Sightline.Cli.Checks;

/// <summary>Wrong labels by confident learning: from a file of probabilities, or from models trained on folds, near duplicates kept together.</summary>
/// <param name="probabilities">File of out-of-sample probabilities; null trains a model per fold.</param>
/// <param name="saveTo">Where the probabilities are kept; null for nowhere.</param>
internal sealed class LabelCheck(string? probabilities, string? saveTo, RareLines lines) : IDatasetCheck
{
    /// <summary>The figures behind the findings; null before the check has run.</summary>
    public LabelErrorReport? Report { get; private set; }

    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("wrong-label", "Models that did not train on the picture are confident of another class (Northcutt et al. 2021).", "Look at each; relabel or keep it with 'data review'."),
    ];

    public IEnumerable<Finding> Run(CheckInput input)
    {
        var clusters = probabilities is null ? input.Duplicates.Clusters() : [];
        var options = new LabelErrorOptions { Probabilities = probabilities, OutOfFold = new OutOfFoldOptions { Clusters = clusters } };
        var found = LabelErrors.Find(input.Data, options, lines, input.CancellationToken);
        if (saveTo is not null)
        {
            ProbabilitiesFile.Write(saveTo, input.Data, found.Examples, found.Probabilities);
        }

        Report = found.Report;
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
        text.WriteLine(
            $"Labels: {report.Pictures} judged; the models agree with {Readable.Percent(report.Agreement)} of them; about {report.EstimatedErrors} are wrong.");
        var table = new TextTable("CLASS", "PICTURES", "FLAGGED", "ESTIMATED", "MOSTLY") { RightAligned = [1, 2, 3] };
        foreach (var line in report.PerClass)
        {
            table.Add(line.Class, $"{line.Pictures}", $"{line.Flagged}", $"{line.EstimatedErrors}", line.MostlyInstead ?? "-");
        }

        table.Write(text);
    }
}
