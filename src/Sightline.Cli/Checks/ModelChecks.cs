using Sightline.Cli.Output;
using Sightline.Curation;
using Sightline.Curation.Embeddings;
using Sightline.Curation.Labels;
using Sightline.Data;

namespace Sightline.Cli.Checks;

/// <summary>The checks of a data set that need a model: wrong labels and embeddings.</summary>
internal static class ModelChecks
{
    /// <summary>Runs what was asked for.</summary>
    /// <param name="say">Told a line about once in ten seconds.</param>
    public static ModelCheckOutcome Run(ImageDataset data, ModelCheckArguments arguments, Action<string> say, TimeProvider time, CancellationToken cancel)
    {
        var findings = new List<Finding>();
        var lines = new RareLines(say, time);
        LabelErrorReport? labels = null;
        EmbeddingReport? embeddings = null;
        if (arguments.Labels || arguments.Probabilities is not null)
        {
            var options = new LabelErrorOptions { Probabilities = arguments.Probabilities, OutOfFold = new OutOfFoldOptions { Clusters = arguments.Clusters } };
            var found = LabelErrors.Find(data, options, lines, cancel);
            if (arguments.SaveProbabilities is { } file)
            {
                ProbabilitiesFile.Write(file, data, found.Examples, found.Probabilities);
            }

            findings.AddRange(found.Findings);
            labels = found.Report;
        }

        if (arguments.Run is { } run)
        {
            var found = EmbeddingChecks.Run(data, run, new EmbeddingCheckOptions(), lines, cancel);
            findings.AddRange(found.Findings);
            embeddings = found.Report;
        }

        return new ModelCheckOutcome(findings, labels, embeddings);
    }

    /// <summary>The figures for people.</summary>
    public static void Write(ModelCheckOutcome outcome, TextWriter text)
    {
        if (outcome.Labels is { } labels)
        {
            Write(labels, text);
        }

        if (outcome.Embeddings is { } embeddings)
        {
            Write(embeddings, text);
        }
    }

    private static void Write(LabelErrorReport report, TextWriter text)
    {
        text.WriteLine(
            $"Labels: {report.Pictures} judged; the models agree with {Readable.Percent(report.Agreement)} of them; about {report.EstimatedErrors} are wrong.");
        var table = new TextTable("CLASS", "PICTURES", "FLAGGED", "ESTIMATED", "MOSTLY") { RightAligned = [1, 2, 3] };
        foreach (var line in report.PerClass)
        {
            table.Add(line.Class, $"{line.Pictures}", $"{line.Flagged}", $"{line.EstimatedErrors}", line.MostlyInstead ?? "-");
        }

        table.Write(text);
        text.WriteLine();
    }

    private static void Write(EmbeddingReport report, TextWriter text)
    {
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
        text.WriteLine();
    }

    private static string Number(double? value) => value is { } number ? $"{number:0.0000}" : "-";

    /// <summary>Turns progress into a line now and then.</summary>
    private sealed class RareLines(Action<string> say, TimeProvider time) : IProgress<FoldProgress>, IProgress<EmbeddingProgress>
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

        private long _last = time.GetTimestamp();

        public void Report(FoldProgress value) => Say($"Labels: fold {value.Fold} of {value.Folds}, {100 * value.Share:0} % done");

        public void Report(EmbeddingProgress value) => Say($"{(value.Stage == "neighbours" ? "Neighbours" : "Embeddings")}: {100 * value.Share:0} % done");

        private void Say(string line)
        {
            if (time.GetElapsedTime(_last) >= Patience)
            {
                say(line);
                _last = time.GetTimestamp();
            }
        }
    }
}
