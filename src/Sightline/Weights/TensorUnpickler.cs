using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using static TorchSharp.torch;

namespace Sightline.Weights;

/// <summary>A flat block of values in a PyTorch checkpoint.</summary>
internal sealed record TorchStorage(string Key, ScalarType Type, int ElementBytes, long Elements);

/// <summary>A view into a block.</summary>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides);

/// <summary>The subset of Python's pickle language in which PyTorch writes state dictionaries.</summary>
/// <remarks>
/// A pickle is a program; this machine has no instruction that runs anything. Names resolve to the few constructors below or are
/// refused by their full name as soon as they are mentioned, before anything could call them. Opcodes: CPython, Lib/pickletools.py;
/// the constructors: pytorch, torch/_utils.py and torch/serialization.py.
/// Values: null, bool, long, <see cref="BigInteger"/>, double, string, byte[], object?[] (tuple), List, Dictionary (also OrderedDict),
/// <see cref="TorchTensor"/>.
/// </remarks>
internal sealed class TensorUnpickler
{
    private const string OrderedDictionary = "collections.OrderedDict";
    private const string RebuildTensor = "torch._utils._rebuild_tensor_v2";
    private const string RebuildOldTensor = "torch._utils._rebuild_tensor"; // Before PyTorch 0.4.
    private const string RebuildParameter = "torch._utils._rebuild_parameter";

    private static readonly Dictionary<string, (ScalarType Type, int Bytes)> StorageTypes = new()
    {
        ["torch.DoubleStorage"] = (float64, 8),
        ["torch.FloatStorage"] = (float32, 4),
        ["torch.HalfStorage"] = (float16, 2),
        ["torch.BFloat16Storage"] = (bfloat16, 2),
        ["torch.LongStorage"] = (int64, 8),
        ["torch.IntStorage"] = (int32, 4),
        ["torch.ShortStorage"] = (int16, 2),
        ["torch.CharStorage"] = (int8, 1),
        ["torch.ByteStorage"] = (uint8, 1),
        ["torch.BoolStorage"] = (@bool, 1),
    };

    private readonly string _path;
    private readonly byte[] _program;
    private readonly Stack<object?> _stack = new();
    private readonly Dictionary<int, object?> _memo = [];
    private readonly Dictionary<string, TorchStorage> _storages = [];
    private int _position;

    /// <summary>A reader of the pickles that stand one behind the other in some bytes.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="program">The bytes.</param>
    public TensorUnpickler(string path, byte[] program)
    {
        _path = path;
        _program = program;
    }

    /// <summary>Bytes read so far.</summary>
    public int Position => _position;

    /// <summary>All blocks of values that were named so far, by key.</summary>
    public IReadOnlyDictionary<string, TorchStorage> Storages => _storages;

    /// <summary>Reads one pickle.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="program">The pickle.</param>
    /// <exception cref="WeightsException">The pickle is damaged, or names something other than tensors and plain values.</exception>
    public static object? Read(string path, byte[] program) => new TensorUnpickler(path, program).Next();

    /// <summary>Reads the next pickle.</summary>
    /// <exception cref="WeightsException">It is damaged, or names something other than tensors and plain values.</exception>
    public object? Next()
    {
        _stack.Clear();
        _memo.Clear();
        try
        {
            return Run();
        }
        catch (Exception error) when (error is InvalidOperationException or InvalidCastException or ArgumentException
            or KeyNotFoundException or IndexOutOfRangeException or OverflowException or NullReferenceException)
        {
            throw new WeightsException($"'{_path}' is damaged: its table of tensors cannot be read ({error.Message}). Copy or download it again.", error);
        }
    }

    private object? Run()
    {
        while (true)
        {
            var opcode = (char)Byte();
            switch (opcode)
            {
                case '\x80': Byte(); break; // PROTO
                case '\x95': Take(8); break; // FRAME: a hint on buffering.
                case '.': return _stack.Pop(); // STOP
                case '(': _stack.Push(Mark.Instance); break;
                case '0': _stack.Pop(); break;
                case '1': PopToMark(); break;
                case 'N': _stack.Push(null); break;
                case '\x88': _stack.Push(true); break;
                case '\x89': _stack.Push(false); break;
                case 'J': _stack.Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
                case 'K': _stack.Push((long)Byte()); break;
                case 'M': _stack.Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
                case '\x8a': _stack.Push(Integer(Take(Byte()))); break;
                case 'G': _stack.Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
                case 'X': _stack.Push(Text(Take(Length(4)))); break;
                case '\x8c': _stack.Push(Text(Take(Byte()))); break;
                case '\x8d': _stack.Push(Text(Take(Length(8)))); break;
                case 'U': _stack.Push(Text(Take(Byte()))); break;
                case 'T': _stack.Push(Text(Take(Length(4)))); break;
                case 'C': _stack.Push(Take(Byte()).ToArray()); break;
                case 'B': _stack.Push(Take(Length(4)).ToArray()); break;
                case '}': _stack.Push(new Dictionary<object, object?>()); break;
                case ']': _stack.Push(new List<object?>()); break;
                case ')': _stack.Push(Array.Empty<object?>()); break;
                case 't': _stack.Push(PopToMark()); break;
                case '\x85': PushTuple(1); break;
                case '\x86': PushTuple(2); break;
                case '\x87': PushTuple(3); break;
                case 'a': Append([_stack.Pop()]); break;
                case 'e': Append(PopToMark()); break;
                case 's': SetItems([.. PopMany(2)]); break;
                case 'u': SetItems(PopToMark()); break;
                case 'q': _memo[Byte()] = _stack.Peek(); break;
                case 'r': _memo[Length(4)] = _stack.Peek(); break;
                case '\x94': _memo[_memo.Count] = _stack.Peek(); break;
                case 'h': _stack.Push(_memo[Byte()]); break;
                case 'j': _stack.Push(_memo[Length(4)]); break;
                case 'c': _stack.Push(Resolve($"{Line()}.{Line()}")); break;
                case '\x93': PushStackName(); break;
                case 'Q': _stack.Push(Storage((object?[])_stack.Pop()!)); break;
                case 'R': Call(); break;
                case 'b': SetState(); break;
                default: throw Damaged($"instruction 0x{(int)opcode:X2} at byte {_position - 1}, which state dictionaries do not use");
            }
        }
    }

    private Name Resolve(string name)
    {
        if (name is OrderedDictionary or RebuildTensor or RebuildOldTensor or RebuildParameter || StorageTypes.ContainsKey(name))
        {
            return new Name(name);
        }

        // Python 2 spelled os.system "posix system"; the name is shown as the file has it.
        throw new WeightsException(
            $"'{_path}' asks for '{name}', which is not part of a tensor file. Nothing in the file was run. " +
            "Take weights from a source you trust, saved as tensors only: torch.save(model.state_dict(), 'weights.pth').");
    }

    private void PushStackName()
    {
        var member = (string)_stack.Pop()!; // A null here is a damaged file; the cast's error says so.
        _stack.Push(Resolve($"{(string)_stack.Pop()!}.{member}"));
    }

    private TorchStorage Storage(object?[] id)
    {
        // The format before 1.6 has a sixth entry: the part of another storage that this one is, null in state dictionaries.
        if (id is not (["storage", Name, string, string, long] or ["storage", Name, string, string, long, null])
            || !StorageTypes.TryGetValue(((Name)id[1]!).Value, out var row))
        {
            throw Damaged("a reference that is not to a storage of tensor values");
        }

        var (key, elements) = ((string)id[2]!, (long)id[4]!); // The pattern above said so, for the type too.
        return elements >= 0 ? _storages[key] = new TorchStorage(key, row.Type, row.Bytes, elements) : throw Damaged($"a storage of {elements} elements");
    }

    private void Call()
    {
        var arguments = (object?[])_stack.Pop()!;
        var name = ((Name)_stack.Pop()!).Value;
        _stack.Push((name, arguments) switch
        {
            (OrderedDictionary, []) => new Dictionary<object, object?>(),
            (OrderedDictionary, [List<object?> pairs]) => Dictionary(pairs),
            (RebuildTensor or RebuildOldTensor, [TorchStorage storage, long offset, object?[] shape, object?[] strides, ..]) =>
                new TorchTensor(storage, offset, Numbers(shape), Numbers(strides)),
            (RebuildParameter, [TorchTensor tensor, ..]) => tensor,
            _ => throw Damaged($"'{name}' called with arguments it does not take"),
        });
    }

    // A state dictionary carries its modules' versions as an attribute; no value of it is needed.
    private void SetState()
    {
        _stack.Pop();
        if (_stack.Peek() is not Dictionary<object, object?>)
        {
            throw Damaged("a state set on something other than a dictionary");
        }
    }

    private static long[] Numbers(object?[] values) => [.. values.Select(value => (long)value!)];

    private Dictionary<object, object?> Dictionary(List<object?> pairs)
    {
        var result = new Dictionary<object, object?>();
        foreach (var pair in pairs)
        {
            if (pair is not object?[] and not List<object?>)
            {
                throw Damaged("a dictionary entry that is no pair");
            }

            var items = (IList<object?>)pair;
            result[items[0]!] = items[1];
        }

        return result;
    }

    private void Append(IEnumerable<object?> items) => ((List<object?>)_stack.Peek()!).AddRange(items);

    private void SetItems(object?[] items)
    {
        var target = (Dictionary<object, object?>)_stack.Peek()!;
        for (var i = 0; i + 1 < items.Length; i += 2)
        {
            target[items[i]!] = items[i + 1];
        }
    }

    private void PushTuple(int count) => _stack.Push(PopMany(count));

    private object?[] PopMany(int count)
    {
        var items = new object?[count];
        for (var i = count - 1; i >= 0; i--)
        {
            items[i] = _stack.Pop();
        }

        return items;
    }

    private object?[] PopToMark()
    {
        var items = new List<object?>();
        while (_stack.Pop() is var item && item is not Mark)
        {
            items.Add(item);
        }

        items.Reverse();
        return [.. items];
    }

    private static object Integer(ReadOnlySpan<byte> bytes)
    {
        var value = new BigInteger(bytes);
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : value;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private string Line()
    {
        var rest = _program.AsSpan(_position);
        var end = rest.IndexOf((byte)'\n');
        return end >= 0 ? Text(Take(end + 1)[..^1]) : throw Damaged("no end of a name");
    }

    private byte Byte() => Take(1)[0];

    private int Length(int bytes)
    {
        var field = Take(bytes);
        var value = bytes == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(field) : BinaryPrimitives.ReadUInt32LittleEndian(field);
        return value <= int.MaxValue ? (int)value : throw Damaged($"a length of {value}");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _program.Length - _position)
        {
            throw Damaged($"the end at byte {_program.Length}, where {count} more are due");
        }

        var taken = _program.AsSpan(_position, count);
        _position += count;
        return taken;
    }

    private WeightsException Damaged(string seen) =>
        new($"'{_path}' is damaged: its table of tensors has {seen}. Copy or download it again.");

    private sealed record Name(string Value);

    private sealed record Mark
    {
        public static Mark Instance { get; } = new();
    }
}
