using Sightline.Augment;
using Sightline.Data;
using Sightline.Inference;
using Sightline.Training;
using Sightline.Training.Losses;
using TorchSharp;
using Xunit;
using Conv2d = TorchSharp.Modules.Conv2d;
using Linear = TorchSharp.Modules.Linear;
using static TorchSharp.torch;

namespace Sightline.Tests.Training;

/// <summary>A step over several batches, or over a batch in parts, against the step over all pictures as one batch.</summary>
public sealed class AccumulationTests
{
    private const int Side = 8;
    private const double Tolerance = 1e-6;

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(100, false)]
    public void Parts_have_the_gradient_of_the_whole_batch(int parts, bool weighted)
    {
        using var scope = NewDisposeScope();
        var classWeights = weighted ? tensor(new[] { 0.5f, 1f, 3f }) : null;

        var whole = Gradients(step => step.Run(Batch(0, 10), 0.1), classWeights);
        var divided = Gradients(step => step.Run(Batch(0, 10), 0.1, parts: parts), classWeights);

        AssertSame(whole, divided);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(4)]
    public void Parts_of_a_mixed_batch_keep_their_neighbours(int? cutWidth)
    {
        using var scope = NewDisposeScope();
        var mix = new BatchMix(0.7, cutWidth is { } width ? new Box(1, 2, width, 5) : null);

        var whole = Gradients(step => step.Run(Batch(0, 10), 0.1, mix));
        var divided = Gradients(step => step.Run(Batch(0, 10), 0.1, mix, parts: 4));

        AssertSame(whole, divided);
    }

    [Fact]
    public void Batches_have_the_gradient_of_one_batch_of_all_their_pictures()
    {
        using var scope = NewDisposeScope();

        var whole = Gradients(step => step.Run(Batch(0, 12), 0.1));
        var divided = Gradients(step => step.Run([Batch(0, 4), Batch(4, 4), Batch(8, 4)], 0.1, [null, null, null], parts: 2));

        AssertSame(whole, divided);
    }

    [Fact]
    public void The_last_group_of_an_epoch_is_divided_by_its_own_length()
    {
        using var scope = NewDisposeScope();

        var groups = BatchGroup.Of([Batch(0, 4), Batch(4, 4), Batch(8, 4), Batch(12, 4), Batch(16, 4)], 3).ToList();
        var last = Gradients(step => step.Run(groups[1].Batches, 0.1, [null, null]));

        Assert.Equal([3, 2], groups.Select(group => group.Batches.Count));
        AssertSame(Gradients(step => step.Run(Batch(12, 8), 0.1)), last);
    }

    [Fact]
    public void The_meter_counts_every_picture_once_and_the_step_once()
    {
        using var scope = NewDisposeScope();
        using var whole = new TrainingMeter(CPU);
        using var divided = new TrainingMeter(CPU);

        Gradients(step => step.Run(Batch(0, 12), 0.1), meter: whole);
        Gradients(step => step.Run([Batch(0, 6), Batch(6, 6)], 0.1, [null, null], parts: 4), meter: divided);

        var (expected, seen) = (whole.Read(), divided.Read());
        Assert.Equal((12, 1, expected.Hits), (seen.Seen, seen.Steps, seen.Hits));
        Assert.Equal(expected.Loss, seen.Loss, Tolerance);
        Assert.Equal(expected.GradientNorm, seen.GradientNorm, Tolerance);
    }

    [Fact]
    public void A_divided_step_leaves_no_live_tensors()
    {
        using var scope = NewDisposeScope();
        var counts = new List<long>();

        Gradients(step =>
        {
            for (var i = 0; i < 4; i++)
            {
                step.Run([Batch(0, 6), Batch(6, 6)], 0.1, [null, null], parts: 2);
                counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            }
        });

        Assert.All(counts.Skip(1), count => Assert.Equal(counts[1], count));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_537)]
    public void Accumulation_out_of_range_is_told(int accumulation) =>
        Assert.Equal(
            [$"Accumulation is {accumulation}; it must be from 1 to 65536 batches per step. Pass --set accumulation=1."],
            new TrainOptions { Accumulation = accumulation }.Check());

    private static void AssertSame(float[] expected, float[] seen)
    {
        Assert.Contains(expected, value => Math.Abs(value) > 0.01);
        Assert.Equal(expected.Length, seen.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], seen[i], Tolerance);
        }
    }

    // The gradients that the last step leaves in the parameters of a small network without norm layers.
    private static float[] Gradients(Action<TrainStep> act, Tensor? classWeights = null, TrainingMeter? meter = null)
    {
        using var model = new SmallNetwork();
        using var input = new ModelInput(new Preprocessing { CropSize = Side, ResizeSize = Side }, CPU);
        var options = new TrainOptions { Optimizer = new OptimizerOptions { ClipNorm = 100 } };
        using var optimizer = ParameterOptimizer.Create(model, options.Optimizer);
        using var own = new TrainingMeter(CPU);

        act(new TrainStep(model, input, optimizer, options, new TrainingObjective(new CrossEntropyLoss(0.1, classWeights)), meter ?? own));

        return cat(model.parameters().Select(parameter => parameter.grad!.flatten()).ToList()).data<float>().ToArray(); // The step has just made them.
    }

    private static ImageBatch Batch(int first, int count)
    {
        var pixels = new byte[count * Side * Side * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            var at = i + (first * Side * Side * 3);
            pixels[i] = (byte)((at * 31) ^ (at / 7));
        }

        var indices = Enumerable.Range(first, count).ToArray();
        return new ImageBatch(new BufferPool(), pixels, Side, indices.Select(i => (long)(i * i % 3)).ToArray(), indices);
    }

    private sealed class SmallNetwork : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d conv = nn.Conv2d(3, 4, 3);
        private readonly Linear fc = nn.Linear(4 * 6 * 6, 3);

        public SmallNetwork()
            : base(nameof(SmallNetwork))
        {
            RegisterComponents();
            using var noGrad = no_grad();
            foreach (var (parameter, i) in parameters().Select((parameter, i) => (parameter, i)))
            {
                using var scope = NewDisposeScope();
                parameter.copy_(arange(parameter.numel(), ScalarType.Float32).mul_(0.7).add_(i).sin_().mul_(0.2).reshape(parameter.shape));
            }
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return fc.call(conv.call(input).relu().flatten(1)).MoveToOuterDisposeScope();
        }
    }
}
