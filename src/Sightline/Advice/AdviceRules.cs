using System.Globalization;
using Sightline.Augment;
using Sightline.Data;
using Sightline.Evaluation;
using static Sightline.Advice.RunCondition;

namespace Sightline.Advice;

/// <summary>The rules, causes before what follows from them. The thresholds are rules of thumb; each is stated with its reason.</summary>
internal static class AdviceRules
{
    // A network that knows nothing gives logits of about its features' size, 0.1 to 3; above 10 it is sure of everything.
    private const double LargeLogits = 10;

    // A step usually changes a weight by about a thousandth of it.
    private const double LargeUpdate = 0.03, SmallUpdate = 3e-5;

    // One or two jumps heal by themselves; the watch tells at most one in 50 steps.
    private const int FewestJumps = 3;

    // Confirmed wrong labels of well-known test sets are 3 % on average (Northcutt, Athalye and Mueller 2021), half of what is flagged.
    private const double NoisyShare = 0.06;

    private const double LeakedShare = 0.005;
    private const int FewestFindings = 3;

    // Pictures of the largest class over those of the smallest.
    private const double LargeImbalance = 5;
    private const double RareRecallLoss = 0.10;

    private const double HarderThanReal = 0.10;
    private const double WaitingShare = 0.20;

    public static IReadOnlyList<AdviceRule> All { get; } =
    [
        new(BadInitialisation, [VanishingGradients, RateTooHigh, RateTooLow, Underfitting, Overfitting, AugmentationTooWeak, AugmentationTooStrong], FindBadInitialisation),
        new(VanishingGradients, [RateTooLow, Underfitting], FindVanishing),
        new(RateTooHigh, [Underfitting, Overfitting, AugmentationTooWeak, AugmentationTooStrong], FindRateTooHigh),
        new(RateTooLow, [Underfitting, AugmentationTooStrong], FindRateTooLow),
        new(LabelNoise, [Overfitting, AugmentationTooWeak, Underfitting], FindLabelNoise),
        new(Leakage, [], FindLeakage),
        new(Imbalance, [], FindImbalance),
        new(AugmentationTooStrong, [Underfitting], FindAugmentationTooStrong),
        new(AugmentationTooWeak, [Overfitting], FindAugmentationTooWeak),
        new(Overfitting, [], FindOverfitting),
        new(Underfitting, [], FindUnderfitting),
        new(LoaderStarving, [GpuWasted], FindLoaderStarving),
        new(GpuWasted, [], WastedCard.Find),
    ];

    private static RunAdvice? FindBadInitialisation(RunFacts facts)
    {
        var head = facts.Events.FirstOrDefault(seen => seen is { Layers: not null, Step: <= 1 })?.Layers?
            .LastOrDefault(layer => layer.Weight is not null && layer.Name.Split('.')[0] is "fc" or "classifier" or "head");
        return head?.Activation is not { } logits || logits <= LargeLogits ? null : new RunAdvice
        {
            Condition = BadInitialisation,
            Title = "It starts from weights of the wrong size",
            Explanation = "Before it has learnt anything the model is sure of its answers. It first has to unlearn that, and may never recover.",
            Evidence = Text($"In the first step the logits of '{head.Name}' are {logits:0.#} on average; up to 3 is usual."),
            Remedy = facts.Settings.Options.Weights is { } file
                ? $"Start from other weights than '{file}', or none: sightline train {facts.Data} --pretrained"
                : $"sightline train {facts.Data} --pretrained",
            Page = "docs/transfer-learning.md",
        };
    }

    private static RunAdvice? FindVanishing(RunFacts facts) =>
        facts.Events.LastOrDefault(seen => seen is { Kind: "stability", Detector: "vanishing" }) is not { } trouble ? null : new RunAdvice
        {
            Condition = VanishingGradients,
            Title = "The first layers hardly learn",
            Explanation = "The gradient fades on its way back from the loss, so the layers that see the picture stay as they were.",
            Evidence = trouble.Message ?? "The detector of vanishing gradients fired.",
            Remedy = facts.Settings.Options.Weights is null
                ? $"sightline train {facts.Data} --model resnet18"
                : $"Check the weights it starts from, or go without: sightline train {facts.Data} --pretrained",
            Page = "docs/stability.md",
        };

    private static RunAdvice? FindRateTooHigh(RunFacts facts)
    {
        var jumps = facts.Events.Where(seen => seen is { Kind: "stability", Detector: "spike" or "exploding" or "notFinite" }).ToList();
        var update = facts.UpdateShare();
        return facts.Fit.Kind != FitKind.Diverged && jumps.Count < FewestJumps && update is not > LargeUpdate ? null : new RunAdvice
        {
            Condition = RateTooHigh,
            Title = "The learning rate is too high",
            Explanation = "Steps so large jump over what they look for; the loss leaps or stays high.",
            Evidence = facts.Fit.Kind == FitKind.Diverged ? facts.Fit.Sentence
                : update > LargeUpdate ? Text($"A step changes the weights by {Percent(update ?? 0)} of their size; 0.1 % is usual.")
                : Text($"{jumps.Count} troubles with loss or gradient; the first: {jumps[0].Message}"),
            Remedy = Text($"sightline train {facts.Data} --learning-rate {facts.Settings.Options.Optimizer.LearningRate / 3:g2}"),
            Page = "docs/stability.md",
        };
    }

    private static RunAdvice? FindRateTooLow(RunFacts facts) =>
        facts.Fit.Kind is not (FitKind.StillImproving or FitKind.Underfitting) || facts.UpdateShare() is not { } update || update >= SmallUpdate ? null : new RunAdvice
        {
            Condition = RateTooLow,
            Title = "The learning rate is too low",
            Explanation = "Each step changes the weights so little that the epochs planned cannot bring them where they should go.",
            Evidence = Text($"A step changes the weights by {update:0.0e+0} of their size; about 0.001 is usual. {facts.Fit.Sentence}"),
            Remedy = $"sightline train find-lr {facts.Data}",
            Page = "docs/losses-and-schedules.md",
        };

    private static RunAdvice? FindLabelNoise(RunFacts facts)
    {
        var flagged = facts.Findings.Count(item => item.Finding.Kind == "wrong-label");
        return flagged < FewestFindings || flagged < NoisyShare * facts.TrainingPictures ? null : new RunAdvice
        {
            Condition = LabelNoise,
            Title = "Many labels look wrong",
            Explanation = "The model learns wrong labels by heart, and is judged by wrong ones.",
            Evidence = Text($"{flagged} labels{(facts.TrainingPictures > 0 ? $" of {facts.TrainingPictures} training pictures" : "")} look wrong to models that did not see them, and nobody has looked at them yet."),
            Remedy = $"sightline data review {facts.Data} --kind wrong-label",
            Page = "docs/label-errors-and-embeddings.md",
        };
    }

    private static RunAdvice? FindLeakage(RunFacts facts)
    {
        var leaked = facts.Findings.Where(item => item.Finding.Kind is "leakage" or "embedding-leakage").Select(item => item.Images[0]).Distinct().Count();
        return leaked < FewestFindings || leaked < LeakedShare * facts.JudgedPictures ? null : new RunAdvice
        {
            Condition = Leakage,
            Title = "Training pictures are in the test",
            Explanation = "The accuracy is too good: the model has seen these pictures before.",
            Evidence = Text($"{leaked}{(facts.JudgedPictures > 0 ? $" of {facts.JudgedPictures}" : "")} validation and test pictures are copies of training pictures."),
            Remedy = $"sightline data review {facts.Data} --kind leakage",
            Page = "docs/data-check.md",
        };
    }

    private static RunAdvice? FindImbalance(RunFacts facts)
    {
        var options = facts.Settings.Options;
        var counts = facts.TrainingCounts;
        if (options.BalanceClasses || options.Sampling == Sampling.Balanced || options.Loss.Kind == Training.LossKind.LogitAdjusted
            || counts.Count == 0 || counts.Count != facts.Recalls.Count || counts.Max() < LargeImbalance * Math.Max(1, counts.Min()))
        {
            return null;
        }

        var rare = Enumerable.Range(0, counts.Count).Where(i => counts[i] * 3 < counts.Max()).ToList();
        var common = Enumerable.Range(0, counts.Count).Except(rare).ToList();
        var (rareRecall, commonRecall) = (rare.Average(i => facts.Recalls[i]), common.Average(i => facts.Recalls[i]));
        var rarest = rare.MinBy(i => counts[i]);
        return commonRecall - rareRecall < RareRecallLoss ? null : new RunAdvice
        {
            Condition = Imbalance,
            Title = "Rare classes are learnt worse",
            Explanation = "The model sees them seldom, and guessing a common class costs it little.",
            Evidence = Text($"'{facts.Settings.Classes[rarest]}' has {counts[rarest]} training pictures, the largest class {counts.Max()}; of rare classes {Percent(rareRecall)} are found, of the others {Percent(commonRecall)}."),
            Remedy = $"sightline train {facts.Data} --set sampling=balanced",
            Page = "docs/training.md",
        };
    }

    private static RunAdvice? FindAugmentationTooStrong(RunFacts facts)
    {
        // With mixed pictures the training accuracy is below validation's by construction, and in the first epochs as the mean of a steep rise.
        var augment = facts.Settings.Options.Augment ?? new AugmentOptions();
        var last = OverfittingVerdict.EpochsOf(facts.Events).LastOrDefault(entry => entry is { TrainAccuracy: not null, ValidationAccuracy: not null });
        return facts.Fit.Kind == FitKind.Unclear || IsWithout(augment) || augment.MixupAlpha > 0 || augment.CutmixAlpha > 0 || last is null
            || last.ValidationAccuracy - last.TrainAccuracy < HarderThanReal ? null : new RunAdvice
        {
            Condition = AugmentationTooStrong,
            Title = "The augmentation is too strong",
            Explanation = "The changed training pictures are much harder than real ones: the changes hide what the classes differ in.",
            Evidence = Text($"In the last epoch {Percent(last.TrainAccuracy ?? 0)} of the changed training pictures are right, but {Percent(last.ValidationAccuracy ?? 0)} of unchanged validation pictures."),
            Remedy = $"sightline data preview {facts.Data} --audit last",
            Page = "docs/augmentation.md",
        };
    }

    private static RunAdvice? FindAugmentationTooWeak(RunFacts facts) =>
        facts.Fit.Kind != FitKind.Overfitting || !IsWithout(facts.Settings.Options.Augment ?? new AugmentOptions()) ? null : new RunAdvice
        {
            Condition = AugmentationTooWeak,
            Title = "The augmentation is too weak",
            Explanation = "The model sees each picture the same way in every epoch and learns it by heart.",
            Evidence = $"{facts.Fit.Sentence} The run changed no picture.",
            Remedy = $"sightline train {facts.Data} --augment trivial",
            Page = "docs/augmentation.md",
        };

    private static RunAdvice? FindOverfitting(RunFacts facts) => facts.Fit.Kind != FitKind.Overfitting ? null : new RunAdvice
    {
        Condition = Overfitting,
        Title = "The model overfits",
        Explanation = "It knows its training pictures far better than others: too large, trained too long, or too few pictures.",
        Evidence = facts.Fit.Sentence,
        Remedy = Text($"sightline train {facts.Data} --augment trivial --set optimizer.weightDecay={2 * facts.Settings.Options.Optimizer.WeightDecay:g2}"),
        Page = "docs/evaluation.md",
    };

    private static RunAdvice? FindUnderfitting(RunFacts facts) => facts.Fit.Kind != FitKind.Underfitting ? null : new RunAdvice
    {
        Condition = Underfitting,
        Title = "The model underfits",
        Explanation = "It does not even learn its training pictures: too small, trained too shortly, or held back.",
        Evidence = facts.Fit.Sentence,
        Remedy = $"sightline model recommend {facts.Data}",
        Page = "docs/evaluation.md",
    };

    private static RunAdvice? FindLoaderStarving(RunFacts facts)
    {
        var waits = facts.Events.Where(seen => seen is { Kind: "step", DataWaitShare: not null }).Select(seen => seen.DataWaitShare ?? 0).ToList();
        return waits.Count == 0 || waits.Average() <= WaitingShare ? null : new RunAdvice
        {
            Condition = LoaderStarving,
            Title = "The training waits for pictures",
            Explanation = "Reading and changing the pictures takes longer than learning from them.",
            Evidence = Text($"{Percent(waits.Average())} of the time no batch was ready; below 5 % is usual."),
            Remedy = Text($"sightline train {facts.Data} --set workers={2 * (facts.Settings.Options.Workers ?? Environment.ProcessorCount)}"),
            Page = "docs/training.md",
        };
    }

    private static bool IsWithout(AugmentOptions augment) =>
        augment is { Policy: AugmentPolicy.None, Operators.Count: 0, ErasingProbability: 0, MixupAlpha: 0, CutmixAlpha: 0 };

    private static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
