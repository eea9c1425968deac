using Sightline.Models;
using Sightline.Native;
using Sightline.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Forward and backward pass of a network, with gradient checkpointing where it is on.</summary>
/// <remarks>
/// Each stretch but the last runs without gradients and leaves its output as a leaf; the backward pass computes stretch after stretch again,
/// from the last to the first, and goes on from the leaf's gradient. LibTorch's custom functions could do the same from within its own
/// backward pass, but there an error, such as memory that runs out, would have to cross native frames, which ends the process.
/// </remarks>
internal sealed class ModelPass
{
    private readonly nn.Module<Tensor, Tensor> _model;
    private readonly ScalarType _type;
    private readonly IReadOnlyList<Stretch> _stretches;
    private readonly List<Kept> _kept = [];

    /// <summary>Prepares the passes of a model.</summary>
    /// <param name="model">Borrowed.</param>
    /// <param name="type">float32; bfloat16 or float16 compute under autocast.</param>
    /// <param name="cuts">The first part of each stretch (<see cref="CheckpointCuts"/>); null or one alone is the plain pass.</param>
    public ModelPass(nn.Module<Tensor, Tensor> model, ScalarType type, IReadOnlyList<int>? cuts = null)
    {
        _model = model;
        _type = type;
        var parts = cuts is { Count: > 1 } ? ModelChain.Of(model) : [];
        _stretches = cuts is { Count: > 1 }
            ? cuts.Select((cut, i) => new Stretch(parts.Skip(cut).Take((i + 1 < cuts.Count ? cuts[i + 1] : parts.Count) - cut))).ToList()
            : [];
    }

    /// <summary>The passes that a run's settings ask for.</summary>
    /// <param name="model">Borrowed; the run's model.</param>
    /// <param name="settings">Model, size and classes are read.</param>
    /// <param name="state">Precision and checkpointing.</param>
    /// <exception cref="SettingsException">Checkpointing is on and nothing that it covers trains.</exception>
    public static ModelPass Create(nn.Module<Tensor, Tensor> model, RunSettings settings, MemoryState state)
    {
        var (checkpointing, type) = (state.Checkpointing, TypeOf(state.Precision));
        if (checkpointing == Checkpointing.Off)
        {
            return new ModelPass(model, type);
        }

        var parts = PartCost.Measure(ModelCatalog.Find(settings.Model), settings.Preprocessing.CropSize, settings.Classes.Count);
        var pass = new ModelPass(model, type, CheckpointCuts.Of(parts, checkpointing));
        return !pass.IsIdle || settings.Options.Transfer.UnfreezeEpochs.Count > 0 ? pass : throw new SettingsException(
            $"Memory.checkpointing is {checkpointing.ToString().ToLowerInvariant()}, but all that it would compute again is frozen, and frozen layers keep " +
            "nothing for the backward pass. Pass --set memory.checkpointing=off, or train more layers.");
    }

    /// <summary>The type in which a precision computes.</summary>
    public static ScalarType TypeOf(Precision precision) => precision switch
    {
        Precision.Bf16 => ScalarType.BFloat16,
        Precision.Fp16 => ScalarType.Float16,
        _ => ScalarType.Float32,
    };

    /// <summary>Whether something is computed again.</summary>
    public bool IsCheckpointed => _stretches.Count > 0;

    /// <summary>Whether all that would be computed again is frozen, so that there is nothing to gain.</summary>
    public bool IsIdle => IsCheckpointed && !_stretches.SkipLast(1).Any(stretch => stretch.Trains);

    /// <summary>Logits, with the graph that <see cref="Backward"/> needs.</summary>
    /// <param name="images">float32 [N,3,S,S]; must live until <see cref="Backward"/>.</param>
    /// <returns>float32 [N,K] of the current scope.</returns>
    public Tensor Forward(Tensor images)
    {
        using var cast = Autocast.Begin(images.device, _type);
        if (!IsCheckpointed)
        {
            return AsFloat(_model.call(images));
        }

        _kept.Clear();
        var x = images;
        foreach (var stretch in _stretches.SkipLast(1))
        {
            var random = RandomState.Take(x.device);
            Tensor y;
            using (no_grad())
            {
                y = stretch.Run(x);
            }

            if (x.requires_grad || stretch.Trains)
            {
                y.requires_grad = true;
                _kept.Add(new Kept(stretch, x, y, random));
            }
            else if (!ReferenceEquals(x, images))
            {
                x.Dispose();
            }

            x = y;
        }

        return AsFloat(_stretches[^1].Run(x));
    }

    /// <summary>Adds the gradients of a loss to those of the parameters.</summary>
    /// <param name="loss">Scalar made from the last <see cref="Forward"/>'s logits.</param>
    public void Backward(Tensor loss)
    {
        loss.backward();
        if (_kept.Count == 0)
        {
            return;
        }

        var random = RandomState.Take(loss.device);
        try
        {
            for (var i = _kept.Count - 1; i >= 0; i--)
            {
                Again(_kept[i]);
                _kept.RemoveAt(i);
            }
        }
        finally
        {
            random.Restore();
            _kept.Clear();
        }
    }

    // The stretch draws the random numbers it drew. Its norms move their running statistics a second time, which is undone after the backward
    // pass: autograd holds on to the statistics that it saw.
    private void Again(Kept kept)
    {
        using var scope = NewDisposeScope();
        if (kept.Output.grad is not { } gradient)
        {
            return;
        }

        kept.Output.Dispose();
        kept.Random.Restore();
        Tensor y;
        using var held = kept.Stretch.HoldBuffers();
        using (Autocast.Begin(kept.Input.device, _type))
        {
            y = kept.Stretch.Run(kept.Input);
        }

        y.backward([gradient]);
    }

    private static Tensor AsFloat(Tensor logits) => logits.to(ScalarType.Float32);

    private sealed record Kept(Stretch Stretch, Tensor Input, Tensor Output, RandomState Random);

    private sealed class Stretch(IEnumerable<ChainPart> parts)
    {
        private readonly List<nn.Module<Tensor, Tensor>> _parts = parts.Select(part => part.Module).ToList();

        public bool Trains => _parts.Any(part => part.parameters().Any(parameter => parameter.requires_grad));

        public Tensor Run(Tensor x)
        {
            var y = x;
            foreach (var part in _parts)
            {
                var next = part.call(y);
                if (!ReferenceEquals(y, x) && !ReferenceEquals(y, next))
                {
                    y.Dispose();
                }

                y = next;
            }

            return y;
        }

        public HeldBuffers HoldBuffers() => new(_parts.SelectMany(part => part.buffers()).ToList());
    }

    /// <summary>Gives a network's buffers back the values they had.</summary>
    private sealed class HeldBuffers(List<Tensor> buffers) : IDisposable
    {
        private readonly List<Tensor> _values = buffers.ConvertAll(buffer => buffer.clone());

        public void Dispose()
        {
            using var noGrad = no_grad();
            for (var i = 0; i < buffers.Count; i++)
            {
                buffers[i].copy_(_values[i]);
                _values[i].Dispose();
            }
        }
    }

    /// <summary>Where the random numbers of a device stand.</summary>
    private sealed class RandomState
    {
        private Tensor? _cpu;
        private int _cudaSeed;

        // TorchSharp can seed a GPU's generator but not read it, so there a seed drawn for the stretch takes the state's place.
        public static RandomState Take(Device device)
        {
            var state = new RandomState();
            if (device.type == DeviceType.CUDA)
            {
                using var seed = randint(int.MaxValue, 1, ScalarType.Int64);
                state._cudaSeed = (int)seed.item<long>();
                cuda.manual_seed(state._cudaSeed);
            }
            else
            {
                state._cpu = get_rng_state();
            }

            return state;
        }

        public void Restore()
        {
            if (_cpu is not null)
            {
                set_rng_state(_cpu);
            }
            else
            {
                cuda.manual_seed(_cudaSeed);
            }
        }
    }
}
