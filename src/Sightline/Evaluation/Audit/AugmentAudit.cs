using System.Globalization;
using Sightline.Augment;
using Sightline.Data;
using Sightline.Inference;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Evaluation.Audit;

/// <summary>
/// Asks a trained model which changes of its pictures keep the class, which destroy it and which do nothing: too much augmentation
/// distorts what the classes depend on, too little lets a model overfit.
/// </summary>
/// <remarks>
/// The model is the judge, so a change that it never saw in training may look too strong although a person still sees the class (a mirrored
/// shoe where all shoes face left). A verdict of a run that was trained with the change is the stronger one.
/// </remarks>
public static class AugmentAudit
{
    /// <summary>Audits every operator at every strength, and the run's own augmentation.</summary>
    /// <param name="runFolder">The run whose best weights judge.</param>
    /// <param name="dataLocation">The data; null takes the run's own, which must not have changed.</param>
    /// <param name="options">Pictures, strengths, thresholds.</param>
    /// <param name="progress">Told each line as it is known; null for silence.</param>
    /// <param name="cancel">Stops between batches.</param>
    /// <param name="plainRunFolder">A run of the same data without augmentation, to say what the augmentation did to the gap; null where there is none.</param>
    /// <exception cref="SettingsException">An option is out of its range, or the plain run has augmentation.</exception>
    /// <exception cref="NotFoundException">The run, its weights or the data are not there.</exception>
    /// <exception cref="DataException">The data has a class that the run does not know, or the model knows none of the pictures.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static AuditResult Run(
        string runFolder, string? dataLocation, AuditOptions options, IProgress<AuditLine>? progress, CancellationToken cancel, string? plainRunFolder = null)
    {
        var problems = options.Check().ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(Environment.NewLine, problems));
        }

        var run = RunFolder.Open(runFolder);
        using var classifier = Classifier.Load(runFolder);
        var data = dataLocation is null ? Trainer.OpenData(run) : ImageDatasets.Open(dataLocation, Trainer.Split(run.Settings.Options));
        var train = new AuditSample(classifier, data.Images, JudgedSplit.Relabel(data, run, data.Train), options.Pictures, options.Seed);
        var validation = new AuditSample(classifier, data.Images, JudgedSplit.Relabel(data, run, data.Validation), options.Pictures, options.Seed);

        var plain = validation.Predict(Unchanged, cancel);
        var (validationAccuracy, trainAccuracy) = (plain.Accuracy, train.Predict(Unchanged, cancel).Accuracy);
        if (validationAccuracy == 0)
        {
            throw new DataException($"The model of '{runFolder}' classifies none of {validation.Count} validation pictures rightly, so it cannot judge. Train longer first.");
        }

        var without = plainRunFolder is null ? null : Plain(plainRunFolder, data, options, cancel);
        var judge = new AuditJudge(options, plain, trainAccuracy - validationAccuracy);
        var policy = Policy(run, judge, validation, train, cancel);
        progress?.Report(policy);
        var lines = Lines(options, judge, validation, train, classifier.Preprocessing, progress, cancel);
        return new AuditResult
        {
            Run = run.Path,
            ValidationPictures = validation.Count,
            TrainPictures = train.Count,
            ValidationAccuracy = validationAccuracy,
            TrainAccuracy = trainAccuracy,
            Plain = without,
            Policy = policy,
            Lines = lines,
            Summary = Summarise(options, new AuditGap(run.Path, trainAccuracy, validationAccuracy), without, policy, lines),
            Proposed = AuditProposal.Of(lines, classifier.Preprocessing.CropSize),
            Options = options,
        };
    }

    // The same pictures as the audited run's: chosen by the same seed from the same splits.
    private static AuditGap Plain(string runFolder, ImageDataset data, AuditOptions options, CancellationToken cancel)
    {
        var run = RunFolder.Open(runFolder);
        if (run.Settings.Options.Augment?.Policy != AugmentPolicy.None)
        {
            throw new SettingsException(
                $"The run '{runFolder}' was trained with augmentation, so it does not say what happens without. Train one with --augment none and pass that one.");
        }

        using var classifier = Classifier.Load(runFolder);
        return new AuditGap(run.Path, Accuracy(data.Train), Accuracy(data.Validation));

        double Accuracy(IReadOnlyList<Example> examples) =>
            new AuditSample(classifier, data.Images, JudgedSplit.Relabel(data, run, examples), options.Pictures, options.Seed).Predict(Unchanged, cancel).Accuracy;
    }

    private static List<AuditLine> Lines(
        AuditOptions options, AuditJudge judge, AuditSample validation, AuditSample train, Preprocessing preprocessing, IProgress<AuditLine>? progress, CancellationToken cancel)
    {
        var lines = new List<AuditLine>();
        foreach (var known in OperatorCatalog.All.Where(known => options.Operators.Count == 0 || options.Operators.Contains(known.Name)))
        {
            foreach (var strength in known.Range is null ? [1] : options.Strengths)
            {
                var change = Change(known, strength, preprocessing);
                var line = judge.Judge(known, strength, validation.Predict(change, cancel), train.Predict(change, cancel));
                lines.Add(line);
                progress?.Report(line);
            }
        }

        return lines;
    }

    private static AuditLine Policy(RunFolder run, AuditJudge judge, AuditSample validation, AuditSample train, CancellationToken cancel)
    {
        var preprocessing = run.Settings.Preprocessing;
        var augment = (run.Settings.Options.Augment ?? new AugmentOptions()).For(preprocessing.CropSize);
        return judge.JudgePolicy(augment.Policy.ToString().ToLowerInvariant(), validation.Predict(Change, cancel), train.Predict(Change, cancel));

        PictureChange Change()
        {
            var transform = new SampleTransform(preprocessing with { ResizeSize = preprocessing.CropSize }, augment);
            var copy = new byte[preprocessing.CropSize * preprocessing.CropSize * 3];
            return (Span<byte> square, int size, ref RandomStream random) =>
            {
                square.CopyTo(copy);
                if (transform.PreparesSquare)
                {
                    transform.Finish(copy, ref random, square);
                }
                else
                {
                    transform.Finish(copy, size, size, ref random, square);
                }
            };
        }
    }

    private static PictureChange Unchanged() => (Span<byte> _, int _, ref RandomStream _) => { };

    private static Func<PictureChange> Change(ImageOperator known, double strength, Preprocessing preprocessing) => () =>
    {
        var mean = preprocessing.Mean;
        var scratch = new OperatorScratch { Fill = ((byte)(mean[0] * 255), (byte)(mean[1] * 255), (byte)(mean[2] * 255)) };
        return (Span<byte> square, int size, ref RandomStream random) =>
        {
            var sign = known.IsSigned && random.NextInt(2) == 1 ? -1 : 1;
            known.Apply(square, size, size, sign * known.Magnitude(strength, size), scratch, ref random);
        };
    };

    private static string Summarise(AuditOptions options, AuditGap run, AuditGap? plain, AuditLine policy, IReadOnlyList<AuditLine> lines)
    {
        var verdict = policy.Verdict switch
        {
            AuditVerdict.TooStrong => "The run's augmentation is too strong",
            AuditVerdict.NoEffect => "The run's augmentation is too weak",
            _ => "The run's augmentation fits",
        };
        var overfits = run.Gap < options.LargeGap ? "the run does not overfit"
            : policy.Verdict == AuditVerdict.TooStrong ? "the run overfits all the same, so try changes of other kinds, or more pictures"
            : "the run overfits, so there is room for more";
        return string.Create(CultureInfo.InvariantCulture,
            $"{verdict}: {policy.Reason}. Training less validation accuracy is {run.Gap:P1} without changes and {policy.Gap:P1} with them: {overfits}. " +
            $"{Compare(run, plain)}{Doubt(options, run)}" +
            $"{lines.Count(line => line.Verdict == AuditVerdict.Useful)} of {lines.Count} settings are useful, {lines.Count(line => line.Verdict == AuditVerdict.TooStrong)} too strong, " +
            $"{lines.Count(line => line.Verdict == AuditVerdict.NoEffect)} without effect.");
    }

    private static string Compare(AuditGap run, AuditGap? plain) => plain is null ? "" : string.Create(CultureInfo.InvariantCulture,
        $"Trained without augmentation the gap is {plain.Gap:P1} and the validation accuracy {plain.ValidationAccuracy:P1}; with it {run.Gap:P1} and {run.ValidationAccuracy:P1}. ");

    // A judge that errs itself calls many changes too strong that a person would not notice.
    private static string Doubt(AuditOptions options, AuditGap run) => run.ValidationAccuracy >= options.LeastAccuracy ? "" : string.Create(CultureInfo.InvariantCulture,
        $"Take the verdicts with care: the judging model is right on {run.ValidationAccuracy:P0} of the validation pictures only; audit again with one above {options.LeastAccuracy:P0}. ");
}
