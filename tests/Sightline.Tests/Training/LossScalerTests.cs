using Sightline.Data;
using Sightline.Inference;
using Sightline.Native;
using Sightline.Training;
using Sightline.Training.Losses;
using TorchSharp;
using Xunit;
using Linear = TorchSharp.Modules.Linear;
using static TorchSharp.torch;

namespace Sightline.Tests.Training;

public sealed class LossScalerTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sound_gradients_are_divided_and_an_infinite_one_halves_the_scale(bool fused)
    {
        Assert.SkipUnless(!fused || Operators.IsAvailable, "This LibTorch does not export its dispatcher.");
        using var scope = NewDisposeScope();
        var scaler = new LossScaler(fused);
        Tensor[] sound = [full(3, 65536f), tensor(new[] { -32768f, 0 })];

        Assert.True(scaler.Unscale(sound));
        Assert.Equal([1, 1, 1, -0.5f, 0], cat(sound).data<float>().ToArray());
        Assert.False(scaler.Unscale([ones(2), tensor(new[] { 1, float.PositiveInfinity })]));
        Assert.False(scaler.Unscale([tensor(new[] { float.NaN }), ones(2)]));
        Assert.Equal((16384, 2), (scaler.Scale, scaler.Skipped));
    }

    [Fact]
    public void The_scale_doubles_after_2000_sound_steps_in_a_row()
    {
        using var scope = NewDisposeScope();
        var scaler = new LossScaler();
        Tensor[] zero = [zeros(1)];

        for (var step = 0; step < 1999; step++)
        {
            scaler.Unscale(zero);
        }

        Assert.Equal(65536, scaler.Scale);
        scaler.Unscale(zero);
        Assert.Equal(131072, scaler.Scale);
    }

    [Fact]
    public void A_restored_scaler_goes_on_where_it_was()
    {
        using var scope = NewDisposeScope();
        var whole = new LossScaler();
        whole.Unscale([full(1, float.NaN)]);
        for (var step = 0; step < 1500; step++)
        {
            whole.Unscale([zeros(1)]);
        }

        var resumed = new LossScaler();
        resumed.Restore(whole.State().ToDictionary(state => state.Name, state => state.Tensor));
        for (var step = 0; step < 500; step++)
        {
            resumed.Unscale([zeros(1)]);
        }

        Assert.Equal((65536, 1), (resumed.Scale, resumed.Skipped));
    }

    [Fact]
    public void Gradients_that_overflow_at_every_scale_end_the_run()
    {
        using var scope = NewDisposeScope();
        var scaler = new LossScaler();
        Tensor[] infinite = [full(1, float.PositiveInfinity)];

        var error = Assert.Throws<SightlineException>(() => Enumerable.Range(0, 100).Count(_ => scaler.Unscale(infinite)));

        Assert.Equal(41, scaler.Skipped);
        Assert.StartsWith("40 steps in a row had infinite gradients, whatever the loss was scaled by", error.Message);
    }

    [Fact]
    public void A_step_that_overflows_is_skipped_and_training_goes_on_with_a_smaller_scale()
    {
        Assert.SkipUnless(Autocast.IsAvailable, "This build of LibTorch has no autocast that can be reached.");
        using var scope = NewDisposeScope();
        using var model = new Steep();
        using var input = new ModelInput(new Preprocessing { CropSize = 8, ResizeSize = 8 }, CPU);
        var options = new TrainOptions { Precision = Precision.Fp16, LabelSmoothing = 0 };
        using var optimizer = ParameterOptimizer.Create(model, options.Optimizer);
        using var meter = new TrainingMeter(CPU);
        using var step = new TrainStep(model, input, optimizer, options, new TrainingObjective(new CrossEntropyLoss(0, null)), meter);
        var before = Weights(model);

        step.Run(Batch(), 1e-6);

        Assert.Equal(before, Weights(model)); // Nothing learned, nothing decayed.
        Assert.Equal((32768, 1, 0, 1), (step.Scaler!.Scale, step.Scaler.Skipped, meter.Read().Seen, meter.Read().Steps)); // The precision is fp16.
        for (var i = 0; i < 20 && step.Scaler.Skipped == i + 1; i++)
        {
            step.Run(Batch(), 1e-6);
        }

        Assert.InRange(step.Scaler.Skipped, 2, 19);
        Assert.NotEqual(before, Weights(model));
        Assert.All(Weights(model), weight => Assert.True(float.IsFinite(weight)));
        Assert.Equal(4, meter.Read().Seen);
    }

    [Fact]
    public void A_processor_that_does_not_compute_in_fp16_is_told_apart()
    {
        Assert.SkipUnless(Autocast.IsAvailable, "This build of LibTorch has no autocast that can be reached.");
        if (Operators.HasFloat16())
        {
            Assert.Equal(Precision.Fp16, Devices.Choose(Precision.Fp16, CPU));
            return;
        }

        var error = Assert.Throws<DeviceException>(() => Devices.Choose(Precision.Fp16, CPU));

        Assert.Equal(
            "Precision is fp16, but this processor does not compute in it (it needs AVX512-FP16, AVX-NE-CONVERT or AMX-FP16). " +
            "Pass --set precision=auto, which takes bf16 where the processor has it, or --device cuda on a machine with a GPU.",
            error.Message);
    }

    private static float[] Weights(nn.Module model) => cat(model.parameters().Select(p => p.detach().flatten()).ToList()).data<float>().ToArray();

    private static ImageBatch Batch()
    {
        var pixels = new byte[4 * 8 * 8 * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(i * 37);
        }

        return new ImageBatch(new BufferPool(), pixels, 8, [0, 1, 2, 0], [0, 1, 2, 3]);
    }

    // A last layer so steep that the gradient of the one before exceeds fp16's 65,504 once it is scaled.
    private sealed class Steep : nn.Module<Tensor, Tensor>
    {
        private readonly Linear first = nn.Linear(192, 4);
        private readonly Linear last = nn.Linear(4, 3);

        public Steep()
            : base(nameof(Steep))
        {
            RegisterComponents();
            using var noGrad = no_grad();
            foreach (var (parameter, i) in parameters().Select((parameter, i) => (parameter, i)))
            {
                using var scope = NewDisposeScope();
                var size = i < 2 ? 0.01 : 100;
                parameter.copy_(arange(parameter.numel(), ScalarType.Float32).mul_(0.7).add_(i).sin_().mul_(size).reshape(parameter.shape));
            }
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return last.call(first.call(input.flatten(1))).MoveToOuterDisposeScope();
        }
    }
}
