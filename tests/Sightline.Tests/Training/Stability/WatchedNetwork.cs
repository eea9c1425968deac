using TorchSharp;
using Conv2d = TorchSharp.Modules.Conv2d;
using BatchNorm2d = TorchSharp.Modules.BatchNorm2d;
using Linear = TorchSharp.Modules.Linear;
using static TorchSharp.torch;

namespace Sightline.Tests.Training.Stability;

/// <summary>A small network that can be made to misbehave in a chosen step.</summary>
internal sealed class WatchedNetwork : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d conv = nn.Conv2d(3, 8, 3, bias: false);
    private readonly BatchNorm2d bn = nn.BatchNorm2d(8);
    private readonly TorchSharp.Modules.ReLU relu = nn.ReLU(inplace: true);
    private readonly Linear fc = nn.Linear(8, 3);

    public WatchedNetwork()
        : base(nameof(WatchedNetwork))
    {
        RegisterComponents();
        using var noGrad = no_grad();
        foreach (var (parameter, i) in parameters().Select((parameter, i) => (parameter, i)).Where(entry => entry.i is not 1)) // bn.weight stays 1.
        {
            using var scope = NewDisposeScope();
            parameter.copy_(arange(parameter.numel(), ScalarType.Float32).mul_(0.7).add_(i).sin_().mul_(0.3).reshape(parameter.shape));
        }
    }

    public BatchNorm2d Norm => bn;

    /// <summary>Added to the pictures; NaN reaches everything.</summary>
    public float Added { get; set; }

    /// <summary>Multiplies the logits.</summary>
    public float LogitFactor { get; set; } = 1;

    /// <summary>Multiplies the gradient, and nothing else.</summary>
    public float GradientFactor { get; set; } = 1;

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var hidden = relu.call(bn.call(conv.call(input + Added))).mean([2, 3]);
        var logits = fc.call(hidden) * LogitFactor;
        return (logits + (logits - logits.detach()) * (GradientFactor - 1)).MoveToOuterDisposeScope();
    }
}
