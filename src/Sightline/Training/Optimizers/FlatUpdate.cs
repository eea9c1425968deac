using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>The arithmetic of an optimiser on as many elements as a vector register holds.</summary>
internal interface IElementUpdate
{
    /// <summary>Updates a parameter and its state. A state that the optimiser has not is zero and is not kept.</summary>
    void Apply(ref Vector<float> parameter, Vector<float> gradient, ref Vector<float> first, ref Vector<float> second);
}

/// <summary>
/// Updates all parameters of a group in one pass over their memory, in pieces that threads share. It stands in for the fused kernels that LibTorch
/// lacks: plain operators read and write every weight once for each of them.
/// </summary>
internal sealed unsafe class FlatUpdate
{
    // 64 KB of each operand: they stay in the second-level cache, and sums within a piece stay exact enough.
    private const int PieceLength = 1 << 14;

    private readonly List<Piece> _pieces = [];

    /// <summary>Lays the pieces out.</summary>
    /// <param name="group">Parameters and gradients; they and the states must live while this does.</param>
    /// <param name="states">None, one or two states of each parameter.</param>
    /// <returns>Null where the tensors are not all float32 in this process's memory, without gaps and in the same order.</returns>
    public static FlatUpdate? Of(ActiveGroup group, params IReadOnlyList<Tensor>[] states)
    {
        using var scope = NewDisposeScope();
        var update = new FlatUpdate();
        for (var i = 0; i < group.Parameters.Count; i++)
        {
            var parameter = Address(group.Parameters[i], group.Parameters[i]);
            var gradient = Address(group.Gradients[i], group.Parameters[i]);
            var first = states.Length > 0 ? Address(states[0][i], group.Parameters[i]) : null;
            var second = states.Length > 1 ? Address(states[1][i], group.Parameters[i]) : null;
            if (parameter is null || gradient is null || (states.Length > 0 && first is null) || (states.Length > 1 && second is null))
            {
                return null;
            }

            var count = group.Parameters[i].numel();
            for (var at = 0L; at < count; at += PieceLength)
            {
                update._pieces.Add(new Piece(
                    i, (int)Math.Min(PieceLength, count - at), parameter + at, gradient + at, first is null ? null : first + at, second is null ? null : second + at));
            }
        }

        return update;
    }

    /// <summary>Runs an update over all elements.</summary>
    /// <param name="kernelOf">The kernel for the parameter of this number; each piece works with a copy.</param>
    /// <returns>The copies as they ended, with their parameter's number, in order.</returns>
    public IReadOnlyList<(int Parameter, T Kernel)> Run<T>(Func<int, T> kernelOf)
        where T : struct, IElementUpdate
    {
        var ended = new (int, T)[_pieces.Count];
        var threads = Math.Min(get_num_threads(), (_pieces.Count + 3) / 4);
        if (threads <= 1)
        {
            for (var i = 0; i < ended.Length; i++)
            {
                ended[i] = (_pieces[i].Parameter, Run(_pieces[i], kernelOf(_pieces[i].Parameter)));
            }
        }
        else
        {
            Parallel.For(0, ended.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
                ended[i] = (_pieces[i].Parameter, Run(_pieces[i], kernelOf(_pieces[i].Parameter))));
        }

        return ended;
    }

    // Optimised at once: a run's first steps would otherwise take this loop unoptimised.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Run<T>(Piece piece, T kernel)
        where T : struct, IElementUpdate
    {
        var width = Vector<float>.Count;
        var whole = piece.Length - (piece.Length % width);
        for (var i = 0; i < whole; i += width)
        {
            Apply(ref kernel, piece.At + i, piece.Gradient + i, piece.First is null ? null : piece.First + i, piece.Second is null ? null : piece.Second + i);
        }

        // The last few elements take the same path, among zeros.
        var rest = piece.Length - whole;
        if (rest > 0)
        {
            var padded = stackalloc float[4 * width];
            new Span<float>(padded, 4 * width).Clear();
            float*[] ends = [piece.At, piece.Gradient, piece.First, piece.Second];
            for (var k = 0; k < 4; k++)
            {
                if (ends[k] is not null)
                {
                    new ReadOnlySpan<float>(ends[k] + whole, rest).CopyTo(new Span<float>(padded + (k * width), rest));
                }
            }

            Apply(ref kernel, padded, padded + width, padded + (2 * width), padded + (3 * width));
            foreach (var k in (ReadOnlySpan<int>)[0, 2, 3])
            {
                if (ends[k] is not null)
                {
                    new ReadOnlySpan<float>(padded + (k * width), rest).CopyTo(new Span<float>(ends[k] + whole, rest));
                }
            }
        }

        return kernel;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Apply<T>(ref T kernel, float* at, float* gradient, float* first, float* second)
        where T : struct, IElementUpdate
    {
        var parameter = Vector.Load(at);
        var one = first is null ? default : Vector.Load(first);
        var two = second is null ? default : Vector.Load(second);
        kernel.Apply(ref parameter, Vector.Load(gradient), ref one, ref two);
        Vector.Store(parameter, at);
        if (first is not null)
        {
            Vector.Store(one, first);
        }

        if (second is not null)
        {
            Vector.Store(two, second);
        }
    }

    // Channels-last weights are without gaps too, seen in the order in which they lie.
    private static float* Address(Tensor tensor, Tensor like)
    {
        if (tensor.dtype != ScalarType.Float32 || tensor.device_type != DeviceType.CPU || !tensor.stride().AsSpan().SequenceEqual(like.stride()))
        {
            return null;
        }

        var dense = tensor.is_contiguous() || tensor.dim() != 4 ? tensor : tensor.permute(0, 2, 3, 1);
        return dense.is_contiguous() ? (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(dense.bytes)) : null;
    }

    private readonly struct Piece(int parameter, int length, float* at, float* gradient, float* first, float* second)
    {
        public readonly int Parameter = parameter;
        public readonly int Length = length;
        public readonly float* At = at;
        public readonly float* Gradient = gradient;
        public readonly float* First = first;
        public readonly float* Second = second;
    }
}
