using Sightline.Inference;
using Sightline.Models;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Curation.Embeddings;

public sealed class EmbeddingHookTests
{
    public static TheoryData<string> SmallestOfEachFamily() =>
        [.. ModelCatalog.All.GroupBy(variant => variant.Family).Select(family => family.MinBy(variant => variant.Parameters)!.Name)];

    // What the head makes of the embedding must be the model's own output, so nothing lies between; float32 sums of up to 2,048 terms.
    [Theory]
    [MemberData(nameof(SmallestOfEachFamily))]
    public void Embedding_is_what_the_head_gets(string name)
    {
        set_num_threads(1);
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var model = ModelCatalog.Find(name).Create(5);
        model.eval();
        using var hook = new EmbeddingHook(model, 3, null);

        var logits = cat([model.call(Pictures(0, 2)), model.call(Pictures(2, 1))]);

        var embeddings = hook.Result(row => $"{row}");
        var head = model.modules().OfType<Linear>().Last();
        var rows = tensor(Enumerable.Range(0, 3).SelectMany(i => embeddings.Row(i).ToArray()).ToArray()).reshape(3, embeddings.Dimensions);
        Assert.Equal(5, head.weight!.shape[0]);
        Assert.True((nn.functional.linear(rows, head.weight, head.bias) - logits).abs().max().item<float>() <= 1e-4f);
    }

    [Fact]
    public void Hook_is_gone_after_disposal()
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Find("resnet10_small").Create(2);
        model.eval();
        new EmbeddingHook(model, 1, null).Dispose();

        // A hook still there would overflow its single row.
        model.call(Pictures(0, 2));
        model.call(Pictures(0, 2));
    }

    [Fact]
    public void Result_not_finite_names_the_picture()
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Find("resnet10_small").Create(2);
        model.eval();
        using var hook = new EmbeddingHook(model, 2, null);
        model.call(cat([Pictures(0, 1), full(1, 3, 64, 64, float.NaN)]));

        var problem = Assert.Throws<DataException>(() => hook.Result(row => $"p{row}.png"));

        Assert.Equal(
            "The model's vector of 'p1.png' has NaN; every number must be finite. The weights have probably diverged: train again with a lower learning rate.",
            problem.Message);
    }

    private static Tensor Pictures(int first, int count) => arange(first, first + (count * 3 * 64 * 64), float32).mul(0.7).sin().reshape(count, 3, 64, 64);
}
