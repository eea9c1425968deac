using Sightline.Evaluation;
using Xunit;

namespace Sightline.Tests.Evaluation;

public sealed class MistakeTests
{
    [Fact]
    public void Worst_orders_by_loss_and_leaves_out_what_is_right()
    {
        var predictions = Predictions([2, 0, 0, 1, 0, 3, 0, 0], [0, 0, 0, 1]);

        var worst = Mistake.Worst(predictions, 10);

        Assert.Equal(["c", "b", "d"], worst.Select(mistake => mistake.Name));
        Assert.Equal([2, 1, 3], worst.Select(mistake => mistake.Position));
        Assert.Equal(("cat", "dog"), (worst[0].TrueClass, worst[0].PredictedClass));
        Assert.Equal(1 / (1 + Math.Exp(-3)), worst[0].Probability, 1e-12);
        Assert.Equal(1 / (1 + Math.Exp(3)), worst[0].TrueProbability, 1e-12);
    }

    [Fact]
    public void Worst_gives_no_more_than_asked()
    {
        var predictions = Predictions([0, 1, 0, 2], [0, 0]);

        Assert.Equal("b", Assert.Single(Mistake.Worst(predictions, 1)).Name);
        Assert.Empty(Mistake.Worst(predictions, 0));
    }

    private static Predictions Predictions(float[] logits, int[] labels) => new()
    {
        Classes = ["cat", "dog"],
        Logits = logits,
        Labels = labels,
        Names = [.. "abcd"[..labels.Length].Select(letter => letter.ToString())],
    };
}
