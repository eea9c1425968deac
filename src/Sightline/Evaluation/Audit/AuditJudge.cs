using System.Globalization;
using Sightline.Augment;

namespace Sightline.Evaluation.Audit;

/// <summary>From predictions with and without a change to a verdict.</summary>
internal sealed class AuditJudge
{
    // Fewer pictures of a class say too little about it.
    private const int LeastOfClass = 10;

    // What a class loses goes to one other class by this share at least: a confusion, not noise.
    private const double MostlyTo = 2.0 / 3;

    // One label in a hundred changes at the border between two classes whatever is done.
    private const double AlmostAll = 0.99;

    private readonly AuditOptions _options;
    private readonly AuditAnswers _plain;
    private readonly double _distance;
    private readonly double _plainGap;

    public AuditJudge(AuditOptions options, AuditAnswers plainValidation, double plainGap)
    {
        _options = options;
        _plain = plainValidation;
        _distance = NeighbourDistance(plainValidation);
        _plainGap = plainGap;
    }

    /// <summary>Judges one operator at one strength.</summary>
    public AuditLine Judge(ImageOperator known, double strength, AuditAnswers validation, AuditAnswers train)
    {
        var line = Measure(known.Name, known.Range is null ? null : strength, known.Describe(strength), validation, train);
        var (verdict, reason) = Verdict(line, validation);
        return line with { Verdict = verdict, Reason = reason };
    }

    /// <summary>Judges the run's own augmentation as a whole.</summary>
    public AuditLine JudgePolicy(string description, AuditAnswers validation, AuditAnswers train)
    {
        var line = Measure("policy", null, description, validation, train);
        var (verdict, reason) = Verdict(line, validation);
        // A policy that changes little while the run overfits is too weak even where it is not nothing.
        return verdict == AuditVerdict.Useful && _plainGap >= _options.LargeGap && line.Preserved >= 0.98
            ? line with
            {
                Verdict = AuditVerdict.NoEffect,
                Reason = Text($"too weak: {line.Preserved:P1} of the labels survive it, and the run overfits by {_plainGap:P1}"),
            }
            : line with { Verdict = verdict, Reason = reason };
    }

    private AuditLine Measure(string name, double? strength, string magnitude, AuditAnswers validation, AuditAnswers train)
    {
        var (classes, labels) = (validation.Classes, validation.Predictions.Labels);
        var known = Enumerable.Range(0, classes.Length).Where(IsKnown).ToList();
        var kept = known.Count(i => classes[i] == labels[i]);
        return new AuditLine
        {
            Operator = name,
            Strength = strength,
            Magnitude = magnitude,
            Preserved = (double)kept / known.Count,
            PreservedInterval = ConfidenceIntervals.Wilson(kept, known.Count),
            Shift = MeanDistance(validation) / _distance,
            TrainAccuracy = train.Accuracy,
            ValidationAccuracy = validation.Accuracy,
            Verdict = AuditVerdict.Useful,
            Reason = "",
        };
    }

    private (AuditVerdict Verdict, string Reason) Verdict(AuditLine line, AuditAnswers validation)
    {
        if (Confusion(validation) is { } confusion)
        {
            return (AuditVerdict.TooStrong, confusion);
        }

        if (line.PreservedInterval.High < _options.LeastPreserved)
        {
            return (AuditVerdict.TooStrong, Text(
                $"only {line.Preserved:P1} of the labels survive (at most {line.PreservedInterval.High:P1} with 95 % confidence; {_options.LeastPreserved:P0} are wanted)"));
        }

        if (line.Preserved >= AlmostAll && line.Shift < _options.LeastShift)
        {
            return (AuditVerdict.NoEffect, Text($"{line.Preserved:P1} of the labels survive, and the embeddings move by {line.Shift:0.000} of the usual distance (below {_options.LeastShift:0.00})"));
        }

        return (AuditVerdict.Useful, Text($"{line.Preserved:P1} of the labels survive, the embeddings move by {line.Shift:0.00} of the usual distance"));
    }

    // A class whose pictures become another's: the digits 6 and 9 under a turn by 180 degrees.
    private string? Confusion(AuditAnswers answers)
    {
        var (classes, validation) = (answers.Classes, answers.Predictions);
        (double Kept, string? Text) worst = (_options.LeastPreservedOfClass, null);
        foreach (var group in Enumerable.Range(0, classes.Length).Where(IsKnown).GroupBy(i => validation.Labels[i]))
        {
            var all = group.Count();
            var lost = group.Where(i => classes[i] != group.Key).ToList();
            var kept = 1 - ((double)lost.Count / all);
            if (all < LeastOfClass || kept >= worst.Kept)
            {
                continue;
            }

            var most = lost.GroupBy(i => classes[i]).MaxBy(to => to.Count())!; // Something was lost, else the share kept is 1.
            if (most.Count() >= MostlyTo * lost.Count)
            {
                worst = (kept, Text(
                    $"{most.Count()} of {all} pictures of '{validation.Classes[group.Key]}' become '{validation.Classes[most.Key]}' ({kept:P0} of the class survive; {_options.LeastPreservedOfClass:P0} are wanted)"));
            }
        }

        return worst.Text;
    }

    private bool IsKnown(int i) => _plain.Classes[i] == _plain.Predictions.Labels[i];

    private double MeanDistance(AuditAnswers changed) =>
        Enumerable.Range(0, changed.Classes.Length).Average(row => _plain.Distance(row, changed, row));

    // The pictures come by classes in turn, so neighbours are of different classes, which is the usual distance that counts.
    private static double NeighbourDistance(AuditAnswers plain)
    {
        var count = plain.Classes.Length;
        return Math.Max(Enumerable.Range(0, count).Average(row => plain.Distance(row, plain, (row + 1) % count)), 1e-12);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
