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
    private readonly Predictions _plain;
    private readonly int[] _plainClasses;
    private readonly double _distance;
    private readonly double _plainGap;

    public AuditJudge(AuditOptions options, Predictions plainValidation, double plainGap)
    {
        _options = options;
        _plain = plainValidation;
        _plainClasses = Classes(plainValidation);
        _distance = NeighbourDistance(plainValidation);
        _plainGap = plainGap;
    }

    /// <summary>Judges one operator at one strength.</summary>
    public AuditLine Judge(ImageOperator known, double strength, Predictions validation, Predictions train)
    {
        var line = Measure(known.Name, known.Range is null ? null : strength, known.Describe(strength), validation, train);
        var (verdict, reason) = Verdict(line, validation);
        return line with { Verdict = verdict, Reason = reason };
    }

    /// <summary>Judges the run's own augmentation as a whole.</summary>
    public AuditLine JudgePolicy(string description, Predictions validation, Predictions train)
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

    /// <summary>Share of right answers.</summary>
    public static double Accuracy(Predictions predictions)
    {
        var classes = Classes(predictions);
        return Enumerable.Range(0, classes.Length).Count(i => classes[i] == predictions.Labels[i]) / (double)classes.Length;
    }

    private AuditLine Measure(string name, double? strength, string magnitude, Predictions validation, Predictions train)
    {
        var classes = Classes(validation);
        var known = Enumerable.Range(0, classes.Length).Where(IsKnown).ToList();
        var kept = known.Count(i => classes[i] == validation.Labels[i]);
        return new AuditLine
        {
            Operator = name,
            Strength = strength,
            Magnitude = magnitude,
            Preserved = (double)kept / known.Count,
            PreservedInterval = ConfidenceIntervals.Wilson(kept, known.Count),
            Shift = MeanDistance(validation) / _distance,
            TrainAccuracy = Accuracy(train),
            ValidationAccuracy = Accuracy(validation),
            Verdict = AuditVerdict.Useful,
            Reason = "",
        };
    }

    private (AuditVerdict Verdict, string Reason) Verdict(AuditLine line, Predictions validation)
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
            return (AuditVerdict.NoEffect, Text($"{line.Preserved:P1} of the labels survive, and the logits move by {line.Shift:0.000} of the usual distance (below {_options.LeastShift:0.00})"));
        }

        return (AuditVerdict.Useful, Text($"{line.Preserved:P1} of the labels survive, the logits move by {line.Shift:0.00} of the usual distance"));
    }

    // A class whose pictures become another's: the digits 6 and 9 under a turn by 180 degrees.
    private string? Confusion(Predictions validation)
    {
        var classes = Classes(validation);
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

    private bool IsKnown(int i) => _plainClasses[i] == _plain.Labels[i];

    private double MeanDistance(Predictions changed)
    {
        var classes = _plain.Classes.Count;
        var sum = 0.0;
        for (var row = 0; row < changed.Logits.Length; row += classes)
        {
            sum += Distance(_plain.Logits.AsSpan(row, classes), changed.Logits.AsSpan(row, classes));
        }

        return sum / (changed.Logits.Length / classes);
    }

    // The pictures come by classes in turn, so neighbours are of different classes, which is the usual distance that counts.
    private static double NeighbourDistance(Predictions plain)
    {
        var classes = plain.Classes.Count;
        var count = plain.Labels.Length;
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            sum += Distance(plain.Logits.AsSpan(i * classes, classes), plain.Logits.AsSpan((i + 1) % count * classes, classes));
        }

        return Math.Max(sum / count, 1e-12);
    }

    // Softmax ignores what all logits have in common, so it is taken out.
    private static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var mean = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            mean += (a[i] - b[i]) / (double)a.Length;
        }

        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += Math.Pow(a[i] - b[i] - mean, 2);
        }

        return Math.Sqrt(sum);
    }

    private static int[] Classes(Predictions predictions)
    {
        var classes = predictions.Classes.Count;
        return [.. Enumerable.Range(0, predictions.Labels.Length).Select(i => First(predictions.Logits.AsSpan(i * classes, classes)))];
    }

    // The first of equals, as the metrics count.
    private static int First(ReadOnlySpan<float> logits)
    {
        var place = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            place = logits[i] > logits[place] ? i : place;
        }

        return place;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
