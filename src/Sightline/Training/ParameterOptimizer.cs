using Sightline.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Updates a model's parameters from their gradients: one fused native call per parameter group, or plain operators.</summary>
/// <remarks>
/// Two groups: weights, which decay, and vectors (norms, biases, layer scales), which do not. TorchSharp's own optimisers loop
/// over the tensors in managed code and keep state that cannot be read back exactly.
/// </remarks>
internal abstract class ParameterOptimizer : IDisposable
{
    private readonly IReadOnlyList<Group> _groups;

    protected ParameterOptimizer(nn.Module model, OptimizerOptions options, bool? fused)
    {
        Options = options;
        IsFused = fused ?? Operators.IsAvailable;
        var trained = model.named_parameters().Where(p => p.parameter.requires_grad).ToList();
        _groups =
        [
            new Group(trained.Where(p => !IsVector(p.parameter)).ToList(), options.WeightDecay),
            new Group(trained.Where(p => IsVector(p.parameter)).ToList(), 0),
        ];
    }

    /// <summary>Makes the optimiser that the options name.</summary>
    /// <param name="fused">Null: the fused operators where LibTorch has them.</param>
    public static ParameterOptimizer Create(nn.Module model, OptimizerOptions options, bool? fused = null) => options.Kind switch
    {
        OptimizerKind.Sgd => new SgdOptimizer(model, options, fused),
        OptimizerKind.AdamW => new AdamWOptimizer(model, options, fused),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "There is no optimiser of this kind."),
    };

    protected OptimizerOptions Options { get; }

    protected bool IsFused { get; }

    /// <summary>Steps taken.</summary>
    public long StepCount { get; private set; }

    /// <summary>Forgets all gradients, so that the next backward pass writes fresh ones instead of adding.</summary>
    public void ClearGradients()
    {
        foreach (var (_, parameter) in _groups.SelectMany(group => group.Parameters))
        {
            parameter.grad = null;
        }
    }

    /// <summary>Clips by value, then by norm, then updates. Parameters without a gradient stay as they are.</summary>
    /// <returns>The gradient's norm before clipping by norm, a float32 scalar of the current scope; null when clipping by norm is off.</returns>
    public Tensor? Step(double learningRate)
    {
        using var noGrad = no_grad();
        StepCount++;
        var active = _groups.Select(group => new ActiveGroup(group)).Where(group => group.Parameters.Count > 0).ToList();
        var gradients = active.SelectMany(group => group.Gradients).ToList();
        if (Options.ClipValue > 0)
        {
            gradients.ForEach(gradient => gradient.clamp_(-Options.ClipValue, Options.ClipValue));
        }

        var norm = Options.ClipNorm > 0 && gradients.Count > 0 ? Norm(gradients) : null;

        // Dividing inside the update saves a pass over all gradients. The 1e-6 is PyTorch's (torch/nn/utils/clip_grad.py).
        var divisor = norm is null ? null : (norm + 1e-6).div_(Options.ClipNorm).clamp_(min: 1.0);
        foreach (var group in active)
        {
            Update(group, learningRate, divisor);
        }

        return norm;
    }

    /// <summary>The state tensors by name, borrowed: the optimiser keeps them.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State() =>
        from @group in _groups
        from index in Enumerable.Range(0, @group.Parameters.Count)
        from slot in Enumerable.Range(0, Slots.Count)
        select ($"{Slots[slot]}.{@group.Parameters[index].Name}", @group.State(slot)[index]);

    /// <summary>Takes over a saved state.</summary>
    /// <exception cref="WeightsException">A tensor is missing or has another shape.</exception>
    public void Restore(IReadOnlyDictionary<string, Tensor> saved, long stepCount)
    {
        using var noGrad = no_grad();
        foreach (var (name, tensor) in State())
        {
            if (!saved.TryGetValue(name, out var value) || !value.shape.SequenceEqual(tensor.shape))
            {
                throw new WeightsException($"The checkpoint's optimiser state '{name}' is missing or has another shape; it belongs to another model or optimiser.");
            }

            tensor.copy_(value);
        }

        StepCount = stepCount;
    }

    public virtual void Dispose()
    {
        foreach (var (_, tensor) in State().ToList())
        {
            tensor.Dispose();
        }
    }

    /// <summary>Names of the state tensors that each parameter has.</summary>
    protected abstract IReadOnlyList<string> Slots { get; }

    protected abstract void Update(ActiveGroup group, double learningRate, Tensor? divisor);

    protected void AllocateState()
    {
        using var noGrad = no_grad();
        foreach (var group in _groups)
        {
            group.Allocate(Slots.Count);
        }
    }

    // A vector whatever its shape: ConvNeXt's layer scale is [C,1,1].
    private static bool IsVector(Tensor parameter) => parameter.shape.Length == 0 || parameter.numel() == parameter.shape.Max();

    private static Tensor Norm(IReadOnlyList<Tensor> gradients)
    {
        var norms = gradients.Select(gradient => linalg.vector_norm(gradient, 2)).ToList();
        return linalg.vector_norm(stack(norms), 2);
    }

    protected sealed class Group(List<(string Name, Parameter Parameter)> parameters, double weightDecay)
    {
        private readonly List<List<Tensor>> _state = [];

        public IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; } = parameters;

        public double WeightDecay { get; } = weightDecay;

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
    protected sealed class ActiveGroup
    {
        private readonly Group _group;
        private readonly List<int> _indices = [];

        public ActiveGroup(Group group)
        {
            _group = group;
            for (var i = 0; i < group.Parameters.Count; i++)
            {
                if (group.Parameters[i].Parameter.grad is { } gradient)
                {
                    _indices.Add(i);
                    Parameters.Add(group.Parameters[i].Parameter);
                    Gradients.Add(gradient);
                }
            }
        }

        public List<Tensor> Parameters { get; } = [];

        public List<Tensor> Gradients { get; } = [];

        public double WeightDecay => _group.WeightDecay;

        public IReadOnlyList<Tensor> State(int slot) => _indices.ConvertAll(i => _group.State(slot)[i]);
    }
}
