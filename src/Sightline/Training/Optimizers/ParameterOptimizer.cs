using Sightline.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Updates a model's parameters from their gradients: one fused native call per parameter group, or plain operators.</summary>
/// <remarks>
/// Each group has two parts: weights, which decay, and vectors (norms, biases, layer scales), which do not. TorchSharp's own optimisers loop
/// over the tensors in managed code and keep state that cannot be read back exactly.
/// </remarks>
internal abstract class ParameterOptimizer : IDisposable
{
    private const string GroupSteps = "groupSteps";

    private readonly IReadOnlyList<OptimizerGroup> _groups;
    private readonly Tensor _groupSteps;
    private readonly string? _head;

    protected ParameterOptimizer(nn.Module model, OptimizerOptions options, IReadOnlyList<ParameterGroup>? groups, bool? fused)
    {
        Options = options;
        IsFused = fused ?? Operators.IsAvailable;
        var all = model.named_parameters().ToList();
        _head = all.Select(p => p.name).LastOrDefault(name => name.Contains('.')) is { } last ? last[..(last.LastIndexOf('.') + 1)] : null;
        groups ??= [new ParameterGroup { Names = all.Where(p => p.parameter.requires_grad).Select(p => p.name).ToList() }];
        _groups = Divide(all.ToDictionary(p => p.name, p => p.parameter), groups, options.WeightDecay);
        _groupSteps = zeros(_groups.Count, ScalarType.Int64).DetachFromDisposeScope();
        using var noGrad = no_grad();
        foreach (var group in _groups)
        {
            group.Allocate(Slots.Count);
        }
    }

    /// <summary>Makes the optimiser that the options name.</summary>
    /// <param name="groups">Parameters with rates of their own; null: all parameters that require a gradient, at the step's rate.</param>
    /// <param name="fused">Null: LibTorch's fused operators where it has them, else one pass of our own over memory on the CPU.</param>
    /// <exception cref="ArgumentException">A group names a parameter that the model has not, or that another group has.</exception>
    public static ParameterOptimizer Create(
        nn.Module model, OptimizerOptions options, bool? fused = null, IReadOnlyList<ParameterGroup>? groups = null) => options.Kind switch
        {
            OptimizerKind.Sgd => new SgdOptimizer(model, options, groups, fused),
            OptimizerKind.Adam or OptimizerKind.AdamW => new AdamOptimizer(model, options, groups, fused),
            OptimizerKind.RmsProp => new RmsPropOptimizer(model, options, groups, fused),
            OptimizerKind.Lamb => new LambOptimizer(model, options, groups, fused),
            OptimizerKind.Lion => new LionOptimizer(model, options, groups, fused),
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

    /// <summary>The gradients that the next step would use, borrowed.</summary>
    public IReadOnlyList<Tensor> Gradients() =>
        _groups.SelectMany(group => group.Parameters).Select(p => p.Parameter.grad).OfType<Tensor>().ToList();

    /// <summary>Clips by value, by unit, then by norm, then updates. Parameters without a gradient stay as they are.</summary>
    /// <returns>The gradient's norm before clipping by norm, a float32 scalar of the current scope; null when clipping by norm is off.</returns>
    public Tensor? Step(double learningRate)
    {
        using var noGrad = no_grad();
        StepCount++;
        var active = _groups.Select(group => new ActiveGroup(group)).Where(group => group.Parameters.Count > 0).ToList();
        var norm = GradientClipping.Clip(active, Options, _head);
        var divisor = norm is null ? null : GradientClipping.Divisor(norm, Options.ClipNorm);
        foreach (var group in active)
        {
            group.CountStep();
            Update(group, learningRate * group.RateScale, divisor);
        }

        return norm;
    }

    /// <summary>The state tensors by name, borrowed: the optimiser keeps them.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State()
    {
        using (var steps = tensor(_groups.Select(group => group.StepCount).ToArray()))
        {
            _groupSteps.copy_(steps);
        }

        return Moments().Append((GroupSteps, _groupSteps));
    }

    /// <summary>Takes over a saved state.</summary>
    /// <param name="saved">Tensors by name, as <see cref="State"/> gave them.</param>
    /// <param name="stepCount">Steps taken by then.</param>
    /// <exception cref="WeightsException">A tensor is missing or has another shape.</exception>
    public void Restore(IReadOnlyDictionary<string, Tensor> saved, long stepCount)
    {
        using var noGrad = no_grad();
        foreach (var (name, tensor) in Moments())
        {
            if (!saved.TryGetValue(name, out var value) || !value.shape.SequenceEqual(tensor.shape))
            {
                throw new WeightsException($"The checkpoint's optimiser state '{name}' is missing or has another shape; it belongs to another model or optimiser.");
            }

            tensor.copy_(value);
        }

        StepCount = stepCount;

        // Other groups than before (a thawed stage), or a checkpoint from before groups were counted: the run's steps stand for all.
        var steps = saved.TryGetValue(GroupSteps, out var counts) && counts.numel() == _groups.Count
            ? counts.data<long>().ToArray()
            : Enumerable.Repeat(stepCount, _groups.Count).ToArray();
        for (var i = 0; i < _groups.Count; i++)
        {
            _groups[i].StepCount = steps[i];
        }
    }

    public void Dispose()
    {
        _groupSteps.Dispose();
        foreach (var (_, tensor) in Moments().ToList())
        {
            tensor.Dispose();
        }
    }

    /// <summary>Names of the state tensors that each parameter has.</summary>
    protected abstract IReadOnlyList<string> Slots { get; }

    /// <param name="learningRate">Of this group.</param>
    /// <param name="divisor">float32 scalar by which gradients are divided first, or null.</param>
    protected abstract void Update(ActiveGroup group, double learningRate, Tensor? divisor);

    private IEnumerable<(string Name, Tensor Tensor)> Moments() =>
        from @group in _groups
        from index in Enumerable.Range(0, @group.Parameters.Count)
        from slot in Enumerable.Range(0, Slots.Count)
        select ($"{Slots[slot]}.{@group.Parameters[index].Name}", @group.State(slot)[index]);

    private static List<OptimizerGroup> Divide(
        Dictionary<string, Parameter> parameters, IReadOnlyList<ParameterGroup> groups, double weightDecay)
    {
        var divided = new List<OptimizerGroup>();
        var taken = new HashSet<string>();
        foreach (var group in groups)
        {
            var members = group.Names.Select(name => (Name: name, Parameter: Find(name))).ToList();
            divided.Add(new OptimizerGroup(members.Where(p => !IsVector(p.Parameter)).ToList(), group.RateScale, group.WeightDecay ?? weightDecay, isVectors: false));
            divided.Add(new OptimizerGroup(members.Where(p => IsVector(p.Parameter)).ToList(), group.RateScale, 0, isVectors: true));
        }

        return divided.Where(group => group.Parameters.Count > 0).ToList();

        Parameter Find(string name)
        {
            if (!parameters.TryGetValue(name, out var parameter))
            {
                throw new ArgumentException($"A parameter group names '{name}', and the model has no such parameter.", nameof(groups));
            }

            return taken.Add(name) ? parameter : throw new ArgumentException($"The parameter '{name}' is in more than one group.", nameof(groups));
        }
    }

    // A vector whatever its shape: ConvNeXt's layer scale is [C,1,1].
    private static bool IsVector(Tensor parameter) => parameter.shape.Length == 0 || parameter.numel() == parameter.shape.Max();
}
