using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Parameters that are updated with the same figures, and their state.</summary>
/// <param name="parameters">With their names in the model.</param>
/// <param name="rateScale">Share of the step's learning rate.</param>
/// <param name="weightDecay">0 for vectors.</param>
/// <param name="isVectors">Norms, biases and layer scales, which neither decay nor have a layer's rate of their own.</param>
internal sealed class OptimizerGroup(List<(string Name, Parameter Parameter)> parameters, double rateScale, double weightDecay, bool isVectors)
{
    private readonly List<List<Tensor>> _state = [];

    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; } = parameters;

    public double RateScale { get; } = rateScale;

    public double WeightDecay { get; } = weightDecay;

    public bool IsVectors { get; } = isVectors;

    /// <summary>Updates of this group. A stage that is thawed later begins at 0, so that Adam's corrections hold for it too.</summary>
    public long StepCount { get; set; }

    public IReadOnlyList<Tensor> State(int slot) => _state[slot];

    public void Allocate(int slots)
    {
        for (var slot = 0; slot < slots; slot++)
        {
            // zeros_like keeps the strides: the fused kernels pair elements by their place in memory.
            _state.Add(Parameters.Select(p => zeros_like(p.Parameter).DetachFromDisposeScope()).ToList());
        }
    }
}

/// <summary>The parameters of a group that have a gradient in this step.</summary>
internal sealed class ActiveGroup
{
    private readonly OptimizerGroup _group;
    private readonly List<int> _indices = [];

    public ActiveGroup(OptimizerGroup group)
    {
        _group = group;
        for (var i = 0; i < group.Parameters.Count; i++)
        {
            if (group.Parameters[i].Parameter.grad is { } gradient)
            {
                _indices.Add(i);
                Names.Add(group.Parameters[i].Name);
                Parameters.Add(group.Parameters[i].Parameter);
                Gradients.Add(gradient);
            }
        }
    }

    public List<string> Names { get; } = [];

    public List<Tensor> Parameters { get; } = [];

    public List<Tensor> Gradients { get; } = [];

    public double RateScale => _group.RateScale;

    public double WeightDecay => _group.WeightDecay;

    public bool IsVectors => _group.IsVectors;

    public long StepCount => _group.StepCount;

    public void CountStep() => _group.StepCount++;

    public IReadOnlyList<Tensor> State(int slot) => _indices.ConvertAll(i => _group.State(slot)[i]);
}
