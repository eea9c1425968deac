using Sightline.Augment;
using Sightline.Evaluation;
using Sightline.Evaluation.Audit;
using Sightline.Inference;
using Xunit;

namespace Sightline.Tests.Evaluation.Audit;

public class AuditJudgeTests
{
    private const int PerClass = 30;

    private static readonly string[] Digits = ["2", "6", "9"];

    [Fact]
    public void Operator_that_turns_one_class_into_another_is_too_strong_even_where_most_labels_survive()
    {
        var plain = Answers(label => label);

        // A turn by 180 degrees: 6 reads 9. Two of three labels survive at 60 %, so the whole alone would say less.
        var line = Judge(plain, Answers((label, i) => label == 1 && i % 4 != 0 ? 2 : label), new AuditOptions { LeastPreserved = 0.1 });

        Assert.Equal(AuditVerdict.TooStrong, line.Verdict);
        Assert.StartsWith("22 of 30 pictures of '6' become '9' (27 % of the class survive; 50 % are wanted)", line.Reason);
    }

    [Fact]
    public void Operator_below_the_threshold_with_confidence_is_too_strong()
    {
        var line = Judge(Answers(label => label), Answers((label, i) => i % 2 == 0 ? (label + 1 + (i / 2 % 2)) % 3 : label));

        Assert.Equal(AuditVerdict.TooStrong, line.Verdict);
        Assert.Equal(0.5, line.Preserved);
        Assert.StartsWith("only 50.0 % of the labels survive (at most 60.1 % with 95 % confidence; 75 % are wanted)", line.Reason);
    }

    [Fact]
    public void Operator_that_moves_nothing_has_no_effect()
    {
        var line = Judge(Answers(label => label), Answers(label => label));

        Assert.Equal(AuditVerdict.NoEffect, line.Verdict);
        Assert.Equal(0, line.Shift);
    }

    [Fact]
    public void Operator_that_moves_embeddings_and_keeps_labels_is_useful()
    {
        var line = Judge(Answers(label => label), Answers(label => label, height: 4));

        Assert.Equal(AuditVerdict.Useful, line.Verdict);
        // Two classes are 10 sqrt 2 apart; each picture moves by 10 - 4.
        Assert.Equal(6 / (10 * Math.Sqrt(2)), line.Shift, 6);
    }

    [Fact]
    public void Pictures_that_the_model_does_not_know_do_not_count()
    {
        var plain = Answers((label, i) => i == 0 ? (label + 1) % 3 : label);

        var line = Judge(plain, Answers((label, i) => i == 0 ? (label + 1) % 3 : label));

        Assert.Equal(1, line.Preserved);
    }

    [Fact]
    public void Proposal_takes_the_largest_strength_before_too_strong_and_switches_the_flip()
    {
        AuditLine[] lines =
        [
            Line("rotate", 0.1, AuditVerdict.Useful), Line("rotate", 0.25, AuditVerdict.Useful), Line("rotate", 0.5, AuditVerdict.TooStrong), Line("rotate", 1, AuditVerdict.Useful),
            Line("crop", 0.1, AuditVerdict.NoEffect), Line("crop", 0.25, AuditVerdict.Useful), Line("crop", 0.5, AuditVerdict.TooStrong),
            Line("horizontalFlip", null, AuditVerdict.TooStrong),
            Line("hue", 0.5, AuditVerdict.NoEffect),
            Line("equalize", null, AuditVerdict.Useful),
        ];

        var small = AuditProposal.Of(lines, 28);
        var large = AuditProposal.Of(lines, 224);

        Assert.False(small.HorizontalFlip);
        Assert.Equal([("rotate", 0.25), ("crop", 0.25), ("equalize", 1)], small.Operators.Select(step => (step.Operator, step.Strength)));
        Assert.Equal([("rotate", 0.25), ("equalize", 1)], large.Operators.Select(step => (step.Operator, step.Strength)));
        Assert.Equal(0.77, large.MinimumCropArea);
        Assert.Null(small.MinimumCropArea);
        Assert.Empty(small.Check().Concat(large.Check()));
    }

    [Fact]
    public void Options_default_is_sound() => Assert.Empty(new AuditOptions().Check());

    [Fact]
    public void Options_bad_values_are_named()
    {
        var problems = new AuditOptions { Pictures = 1, Strengths = [0.5, 0.2], Operators = ["rotat"] }.Check().ToList();

        Assert.Equal("Pictures is 1; it must be from 16 to 100000. Pass --pictures 256.", problems[0]);
        Assert.Equal("Strengths are [0.5, 0.2]; they must rise, each above 0 and at most 1. Pass --strengths 0.1,0.25,0.5,1.", problems[1]);
        Assert.StartsWith("There is no operator 'rotat'. Did you mean 'rotate'?", problems[2]);
    }

    private static AuditLine Line(string name, double? strength, AuditVerdict verdict) => new()
    {
        Operator = name, Strength = strength, Magnitude = "", Preserved = 1, PreservedInterval = new Interval(1, 1), Shift = 0, TrainAccuracy = 1, ValidationAccuracy = 1,
        Verdict = verdict, Reason = "",
    };

    private static AuditLine Judge(AuditAnswers plain, AuditAnswers changed, AuditOptions? options = null) =>
        new AuditJudge(options ?? new AuditOptions(), plain, 0).Judge(OperatorCatalog.Find("rotate"), 0.5, changed, changed);

    private static AuditAnswers Answers(Func<int, int> answer, float height = 10) => Answers((label, _) => answer(label), height);

    // Classes by turns, as the audit's sample has them; i counts within the class. The embeddings are the logits.
    private static AuditAnswers Answers(Func<int, int, int> answer, float height = 10)
    {
        var logits = new float[3 * PerClass * 3];
        for (var n = 0; n < 3 * PerClass; n++)
        {
            logits[(n * 3) + answer(n % 3, n / 3)] = height;
        }

        var embeddings = new EmbeddingMatrix(3 * PerClass, 3);
        for (var n = 0; n < 3 * PerClass; n++)
        {
            logits.AsSpan(n * 3, 3).CopyTo(embeddings.Row(n));
        }

        var predictions = new Predictions
        {
            Classes = Digits,
            Logits = logits,
            Labels = [.. Enumerable.Range(0, 3 * PerClass).Select(n => n % 3)],
            Names = [.. Enumerable.Range(0, 3 * PerClass).Select(n => $"{n}")],
        };
        return new AuditAnswers(predictions, embeddings);
    }
}
