using Sightline.Runs;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Stability;

/// <summary>Reads every layer in one step: what it gives, its gradient, its weights and how they change.</summary>
/// <remarks>
/// Only the steps that are read pay: hooks are set before the forward pass and taken off after it. Nothing is fetched from the device before the
/// end; then one tensor holds all figures. A layer's result is looked at after the whole forward pass: what an in-place activation made
/// of it then shows, and channels that it cut off whole are dead.
/// Which units (channels) gave nothing is kept until the next reading, so that a unit that did not fire in between can be told from one that a batch left out.
/// </remarks>
internal sealed class LayerWatch : IDisposable
{
    private readonly List<Layer> _layers;
    private readonly List<nn.Module<Tensor, Tensor>.HookRemover> _hooks = [];

    /// <param name="model">Its modules that own parameters or are activations are read, in the order of the model.</param>
    /// <param name="silent">Units that gave nothing at the last reading, by layer; see <see cref="Silent"/>.</param>
    public LayerWatch(nn.Module<Tensor, Tensor> model, IReadOnlyDictionary<string, IReadOnlyList<int>>? silent = null) => _layers = model.named_modules()
        .Where(entry => entry.module is nn.Module<Tensor, Tensor> && (IsActivation(entry.module) || entry.module.parameters(recurse: false).Any()))
        .Select(entry => new Layer(entry.name, (nn.Module<Tensor, Tensor>)entry.module) { Silent = silent?.GetValueOrDefault(entry.name) })
        .ToList();

    /// <summary>Units that gave nothing at the last reading, by layer; to be kept in checkpoints. Empty before the first.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Silent => _layers.Where(layer => layer.Silent is not null).ToDictionary(layer => layer.Name, layer => layer.Silent!);

    /// <summary>Before the forward pass.</summary>
    public void Begin()
    {
        foreach (var layer in _layers)
        {
            _hooks.Add(layer.Module.register_forward_hook((_, _, output) =>
            {
                // The first batch of the step stands for all. With gradient checkpointing a layer runs twice: the first counts.
                layer.Output ??= output.detach().DetachFromDisposeScope();
                return output;
            }));
        }
    }

    /// <summary>After the backward pass, before the update. Figures are tensors of the current scope.</summary>
    public void BeforeUpdate()
    {
        using var noGrad = no_grad();
        _hooks.ForEach(hook => hook.remove());
        _hooks.Clear();
        foreach (var layer in _layers)
        {
            layer.Read();
        }
    }

    /// <summary>After the update; waits for the device once.</summary>
    public IReadOnlyList<LayerReading> AfterUpdate()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var figures = cat(_layers.Select(layer => layer.Figures()).ToList()).cpu().data<float>().ToArray();
        var (readings, at) = (new List<LayerReading>(), 0);
        foreach (var layer in _layers)
        {
            readings.Add(layer.Reading(figures.AsSpan(at, layer.Count)));
            at += layer.Count;
        }

        Forget();
        return readings;
    }

    /// <summary>Gives up a reading whose step was left out.</summary>
    public void Forget()
    {
        _hooks.ForEach(hook => hook.remove());
        _hooks.Clear();
        _layers.ForEach(layer => layer.Forget());
    }

    public void Dispose() => Forget();

    private static bool IsActivation(nn.Module module) => module is ReLU or ReLU6 or Hardswish or SiLU or GELU or Sigmoid or Tanh;

    private sealed class Layer(string name, nn.Module<Tensor, Tensor> module)
    {
        private const int Figure = 5;

        // More than any layer of the catalogue has; what a checkpoint keeps of a larger one would be out of proportion.
        private const int MostUnits = 65_536;

        private readonly List<Parameter> _parameters = module.parameters(recurse: false).ToList();
        private List<Tensor> _before = [];
        private Tensor? _figures;
        private Tensor? _silent;
        private bool _learns;
        private long _elements;
        private long _channels;

        public string Name => name;

        /// <summary>Numbers that <see cref="Figures"/> gives.</summary>
        public int Count => Figure + (int)(_silent?.numel() ?? 0);

        /// <summary>Units that gave nothing at the last reading; null before the first.</summary>
        public IReadOnlyList<int>? Silent { get; set; }

        public nn.Module<Tensor, Tensor> Module { get; } = module;

        public Tensor? Output { get; set; }

        // Activations are freed by now, so the copy of the weights does not raise the step's peak.
        public void Read()
        {
            using var scope = NewDisposeScope();
            var learning = _parameters.Where(parameter => parameter.grad is not null).ToList();
            _learns = learning.Count > 0;
            var (norm, dead) = OfOutput();
            _figures = stack([norm, dead, Norm(learning.Select(parameter => parameter.grad!)), Norm(_parameters)]).DetachFromDisposeScope();
            _before = _learns ? _parameters.Select(parameter => parameter.detach().clone().DetachFromDisposeScope()).ToList() : [];
        }

        public Tensor Figures()
        {
            var change = _before.Count == 0 ? zeros(1) : Norm(_parameters.Zip(_before, (after, before) => after - before)).reshape(1);
            var figures = cat([_figures!, change.to(_figures!.device)]); // Read() comes first.
            return _silent is null ? figures : cat([figures, _silent]);
        }

        public LayerReading Reading(ReadOnlySpan<float> figures)
        {
            var dead = 0;
            if (_silent is not null)
            {
                var silent = Ones(figures[Figure..]);
                dead = Silent is null ? 0 : silent.Intersect(Silent).Count();
                Silent = silent;
            }

            return new LayerReading
            {
                Name = name,
                Activation = _elements > 0 ? Short(figures[0] / Math.Sqrt(_elements)) : null,
                Dead = figures[1] > 0 ? Short(figures[1] / _channels) : null,
                DeadOverInterval = dead > 0 ? Short((double)dead / _channels) : null,
                Gradient = _learns ? Short(figures[2]) : null,
                Weight = _parameters.Count > 0 ? Short(figures[3]) : null,
                Update = _learns && figures[3] > 0 ? Short(figures[4] / figures[3]) : null,
            };
        }

        public void Forget()
        {
            Output?.Dispose();
            _figures?.Dispose();
            _silent?.Dispose();
            _before.ForEach(tensor => tensor.Dispose());
            (Output, _figures, _silent, _before) = (null, null, null, []);
        }

        // One pass gives both: the norm of each channel, of which the whole norm follows, and a norm of zero is a dead channel.
        private (Tensor Norm, Tensor Dead) OfOutput()
        {
            if (Output is not { } output || output.dim() < 2)
            {
                return (zeros([]), zeros([]));
            }

            var channel = output.dim() == 4 ? 1 : output.dim() - 1;
            var others = Enumerable.Range(0, (int)output.dim()).Where(d => d != channel).Select(d => (long)d).ToArray();
            var norms = linalg.vector_norm(output, 2, others).to(ScalarType.Float32);
            (_elements, _channels) = (output.numel(), norms.numel());
            var silent = norms.eq(0).to(ScalarType.Float32);
            var dead = silent.sum();
            _silent = _channels <= MostUnits ? silent.DetachFromDisposeScope() : null;
            return (linalg.vector_norm(norms, 2), dead);
        }

        private static List<int> Ones(ReadOnlySpan<float> silent)
        {
            var units = new List<int>();
            for (var i = 0; i < silent.Length; i++)
            {
                if (silent[i] > 0)
                {
                    units.Add(i);
                }
            }

            return units;
        }

        private static Tensor Norm(IEnumerable<Tensor> tensors)
        {
            var norms = tensors.Select(tensor => linalg.vector_norm(tensor, 2)).ToList();
            return norms.Count == 0 ? zeros([]) : linalg.vector_norm(stack(norms), 2);
        }

        // Three digits: a figure that is looked at by its size, a thousand times in a file.
        private static double Short(double value)
        {
            if (value == 0 || !double.IsFinite(value))
            {
                return value;
            }

            var text = value.ToString("e2", System.Globalization.CultureInfo.InvariantCulture);
            return double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
