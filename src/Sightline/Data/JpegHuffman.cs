using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Sightline.Data;

/// <summary>One Huffman table of a JPEG, for decoding (ITU T.81, annex F.2.2.3).</summary>
internal sealed class JpegHuffmanTable
{
    /// <summary>Codes up to this length are found by one look-up; on photographs more than 98 % are.</summary>
    public const int FastBits = 10;

    private readonly byte[] _definition = new byte[16 + 256];
    private readonly int[] _maximum = new int[18];
    private readonly int[] _offset = new int[17];
    private readonly ushort[] _fast = new ushort[1 << FastBits];
    private readonly int[] _fastValue = new int[1 << FastBits];
    private readonly byte[] _symbols = new byte[256];
    private int _count = -1;

    public bool IsDefined => _count >= 0;

    public void Forget() => _count = -1;

    /// <summary>Index: the next FastBits bits. Length in the high byte, symbol in the low; 0 where the code is longer.</summary>
    public ref ushort Fast => ref _fast[0];

    /// <summary>
    /// Index: the next FastBits bits. Where they hold a code and the bits of its value: the value in the upper 16 bits, the run in the next 8,
    /// the length of both in the lowest 8; else 0. For AC tables.
    /// </summary>
    public ref int FastValue => ref _fastValue[0];

    /// <summary>Takes the definition of a DHT segment: 16 counts, then the symbols. False if it is no prefix code.</summary>
    public bool Define(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        // Most files of one set use the same tables; they are built once.
        if (_count == symbols.Length && counts.SequenceEqual(_definition.AsSpan(0, 16)) &&
            symbols.SequenceEqual(_definition.AsSpan(16, symbols.Length)))
        {
            return true;
        }

        _count = -1;
        counts.CopyTo(_definition);
        symbols.CopyTo(_definition.AsSpan(16));
        symbols.CopyTo(_symbols);
        _fast.AsSpan().Clear();
        _fastValue.AsSpan().Clear();
        var code = 0;
        var index = 0;
        for (var length = 1; length <= 16; length++)
        {
            _offset[length] = index - code;
            for (var i = 0; i < counts[length - 1]; i++, code++, index++)
            {
                if (length <= FastBits)
                {
                    var first = code << (FastBits - length);
                    var last = first + (1 << (FastBits - length));
                    if (last > _fast.Length)
                    {
                        return false;
                    }

                    _fast.AsSpan(first..last).Fill((ushort)((length << 8) | symbols[index]));
                }
            }

            if (code > 1 << length)
            {
                return false;
            }

            // Shifted to 16 bits, so that codes of all lengths compare with the same bits.
            _maximum[length] = code << (16 - length);
            code <<= 1;
        }

        _maximum[17] = int.MaxValue;
        for (var bits = 0; bits < _fast.Length; bits++)
        {
            _fastValue[bits] = ValueOf(bits);
        }

        _count = symbols.Length;
        return true;
    }

    /// <summary>Length (high byte) and symbol of a code longer than FastBits; 0 if there is none.</summary>
    /// <param name="sixteen">The next 16 bits.</param>
    public int Slow(int sixteen)
    {
        for (var length = FastBits + 1; length <= 16; length++)
        {
            if (sixteen < _maximum[length])
            {
                var index = (sixteen >> (16 - length)) + _offset[length];
                return (uint)index < (uint)_count ? (length << 8) | _symbols[index] : 0;
            }
        }

        return 0;
    }

    private int ValueOf(int bits)
    {
        var entry = _fast[bits];
        var (length, run, size) = (entry >> 8, (entry >> 4) & 15, entry & 15);
        if (entry == 0 || size == 0 || length + size > FastBits)
        {
            return 0;
        }

        var raw = (bits >> (FastBits - length - size)) & ((1 << size) - 1);
        var value = raw < 1 << (size - 1) ? raw - (1 << size) + 1 : raw;
        return (value << 16) | (run << 8) | (length + size);
    }
}

/// <summary>Reads the bits of entropy-coded data, without the zero bytes that follow each 0xFF.</summary>
internal ref struct JpegBitReader(ReadOnlySpan<byte> data, int at)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private ulong _bits;
    private int _count;
    private int _invented;

    /// <summary>Where the next byte is read.</summary>
    public int At { get; private set; } = at;

    /// <summary>Whether bits have been used that the file does not hold.</summary>
    public readonly bool IsPastEnd => _invented > _count;

    /// <summary>The bits not used yet are at the top; at least 32 after <see cref="Refill"/>.</summary>
    public readonly ulong Bits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Refill()
    {
        if (_count < 32)
        {
            RefillFour();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(int count)
    {
        _bits <<= count;
        _count -= count;
    }

    /// <summary>Reads <paramref name="size"/> bits (0 to 16) as the signed number of annex F.2.2.1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Receive(int size)
    {
        if (size == 0)
        {
            return 0;
        }

        var raw = (int)(_bits >> (64 - size));
        // Without a branch, whose way is random: numbers below half the range are negative.
        var negative = (raw >> (size - 1)) - 1;
        Skip(size);
        return raw + (negative & ((-1 << size) + 1));
    }

    /// <summary>Passes a restart marker and begins anew after it; false where there is none.</summary>
    public bool Restart(int number)
    {
        if (IsPastEnd)
        {
            return false;
        }

        // Bytes read ahead stop at a marker, so the marker is at the reader's place or after padding.
        var at = At;
        while (at + 1 < _data.Length && !(_data[at] == 0xFF && _data[at + 1] is not 0 and not 0xFF))
        {
            at++;
        }

        if (at + 1 >= _data.Length || _data[at + 1] != 0xD0 + number)
        {
            return false;
        }

        At = at + 2;
        (_bits, _count, _invented) = (0, 0, 0);
        return true;
    }

    private void RefillFour()
    {
        if (At + 4 <= _data.Length)
        {
            var word = BinaryPrimitives.ReadUInt32BigEndian(_data[At..]);
            // No byte of it is 0xFF, exactly if no byte of its complement is 0.
            var complement = ~word;
            if (((complement - 0x01010101) & ~complement & 0x80808080) == 0)
            {
                _bits |= (ulong)word << (32 - _count);
                _count += 32;
                At += 4;
                return;
            }
        }

        while (_count <= 56)
        {
            var next = 0;
            if (At < _data.Length && _data[At] != 0xFF)
            {
                next = _data[At++];
            }
            else if (At + 1 < _data.Length && _data[At + 1] == 0)
            {
                next = 0xFF;
                At += 2;
            }
            else
            {
                // A marker or the end: zeros follow, as in libjpeg, and are counted.
                _invented += 8;
            }

            _bits |= (ulong)next << (56 - _count);
            _count += 8;
        }
    }
}
