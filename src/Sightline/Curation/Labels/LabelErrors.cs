using Sightline.Data;

namespace Sightline.Curation.Labels;

/// <summary>Finds the labels of a data set that are probably wrong.</summary>
public static class LabelErrors
{
    /// <summary>Reads out-of-sample probabilities, or makes them by k-fold training, and judges every label by confident learning.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="options">Rule, folds, file.</param>
    /// <param name="progress">Told on the calling thread while folds are trained; null for silence.</param>
    /// <param name="cancel">Stops after the current step.</param>
    /// <remarks>
    /// Flags are for a person to review, never to delete by: of the labels flagged in ten public test sets people confirmed 51 % (Northcutt, Athalye
    /// and Mueller 2021, table 2).
    /// </remarks>
    /// <exception cref="SettingsException">An option is out of its range; the message lists all.</exception>
    /// <exception cref="NotFoundException">There is no such probabilities file.</exception>
    /// <exception cref="DataException">The probabilities do not fit the data set, or there are too few pictures.</exception>
    /// <exception cref="StoppedException">The token was cancelled.</exception>
    public static LabelErrorResult Find(ImageDataset data, LabelErrorOptions options, IProgress<FoldProgress>? progress, CancellationToken cancel)
    {
        var problems = options.Check().ToArray();
        if (problems.Length > 0)
        {
            throw new SettingsException(string.Join(Environment.NewLine, problems));
        }

        IReadOnlyList<Example> examples = options.AllSplits ? [.. data.Train, .. data.Validation, .. data.Test] : data.Train;
        var probabilities = options.Probabilities is { } file
            ? ProbabilitiesFile.Read(file, data, examples)
            : OutOfFold.Run(data, examples, options.OutOfFold, progress, cancel);
        var result = ConfidentLearning.Find(probabilities, [.. examples.Select(example => example.Label)], options.Confident);
        return new LabelErrorResult
        {
            Findings = [.. result.Issues.Select(issue => Describe(data, examples[issue.Row], issue))],
            Report = new LabelErrorReport
            {
                Pictures = examples.Count,
                ProbabilitiesFrom = options.Probabilities,
                Agreement = result.Agreement,
                EstimatedErrors = result.EstimatedErrors,
                PerClass = PerClass(data, examples, result),
                Joint = result.CalibratedJoint,
            },
            Examples = examples,
            Probabilities = probabilities,
        };
    }

    private static List<ClassNoise> PerClass(ImageDataset data, IReadOnlyList<Example> examples, ConfidentLearningResult result)
    {
        var pictures = examples.CountBy(example => example.Label).ToDictionary();
        var flagged = result.Issues.CountBy(issue => issue.Label).ToDictionary();
        return [.. data.Classes.Select((name, label) =>
        {
            var errors = result.CalibratedJoint[label].Select((count, other) => other == label ? 0 : count).ToList();
            var instead = errors.IndexOf(errors.Max());
            return new ClassNoise(
                name, pictures.GetValueOrDefault(label), flagged.GetValueOrDefault(label), errors.Sum(), errors[instead] > 0 ? data.Classes[instead] : null);
        })];
    }

    private static Finding Describe(ImageDataset data, Example example, LabelIssue issue)
    {
        var (given, suggested) = (data.Classes[issue.Label], data.Classes[issue.Suggested]);
        return new Finding
        {
            Kind = "wrong-label",
            Severity = Severity.Warning,
            Subject = data.Images.Name(example.Index),
            Images = [example.Index],
            Reason = $"Labelled '{given}', but models that did not train on it see '{suggested}': probability {issue.SuggestedProbability:0.000} " +
                $"against {issue.LabelProbability:0.000}. Look at it and relabel it if they are right.",
            Score = issue.Quality,
            SuggestedClass = suggested,
        };
    }
}
