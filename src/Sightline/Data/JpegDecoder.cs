using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Data;

/// <summary>
/// Decodes the usual JPEG: sequential, Huffman, 8 bits, grey or YCbCr 4:4:4, 4:2:2 or 4:2:0, in one scan. Everything else, and every file with
/// an irregularity, is declined, and a general decoder takes it. One per thread: it keeps its buffers.
/// </summary>
/// <remarks>
/// ITU T.81. Why own code: the general decoder that runs everywhere (SkiaSharp) is built without vector instructions for JPEG and takes twice
/// the time; see docs/adr/0005-image-decoder.md. The pixels equal libjpeg-turbo's.
/// </remarks>
internal sealed class JpegDecoder
{
    // Annex A, figure A.6; 16 entries more, so that a run past the end of a block stays inside.
    private static readonly byte[] ZigZag =
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
        63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
    ];

    private readonly JpegPlane[] _planes = [new(), new(), new()];
    private readonly JpegHuffmanTable[] _dc = [new(), new(), new(), new()];
    private readonly JpegHuffmanTable[] _ac = [new(), new(), new(), new()];
    private readonly int[][] _quantisation = [new int[80], new int[80], new int[80], new int[80]];
    private readonly int[] _block = new int[64];
    private readonly JpegColour _colour = new();
    private int _quantisationSeen;
    private int _components;
    private int _width;
    private int _height;
    private int _restartInterval;
    private int _unitsAcross;
    private int _unitsDown;

    /// <summary>Decodes at full size, not turned upright.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="shortSide">The short side needed; where that calls for a reduced size, the file is declined.</param>
    /// <param name="target">Receives the picture.</param>
    /// <returns>False where the file is not of the usual kind or not in order; the target is then undefined.</returns>
    /// <exception cref="ImageFormatException">The picture is larger than the limit.</exception>
    public bool TryDecode(ReadOnlySpan<byte> file, int shortSide, PixelBuffer target)
    {
        if (!ReadHeaders(file, out var scan) || ImageDecoder.DraftScale(_width, _height, shortSide) != 1 || !ReadScan(file, scan))
        {
            return false;
        }

        target.Resize(_width, _height);
        _colour.Reserve(_planes[0].Stride);
        var rowBytes = _width * 3;
        for (var y = 0; y < _height; y++)
        {
            var row = target.Pixels.AsSpan(y * rowBytes, rowBytes);
            if (_components == 1)
            {
                JpegColour.Grey(_planes[0].Row(y), row);
            }
            else
            {
                _colour.Convert(_planes[0].Row(y), _planes[1], _planes[2], y, row);
            }
        }

        return true;
    }

    private bool ReadHeaders(ReadOnlySpan<byte> file, out int scan)
    {
        (scan, _components, _restartInterval, _quantisationSeen) = (0, 0, 0, 0);
        foreach (var table in _dc.Concat(_ac))
        {
            table.Forget();
        }

        var adobe = -1;
        var at = 2;
        while (at + 4 <= file.Length && file[at] == 0xFF)
        {
            var marker = file[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (length < 2 || at + 2 + length > file.Length)
            {
                return false;
            }

            var body = file.Slice(at + 4, length - 2);
            at += 2 + length;
            switch (marker)
            {
                case 0xC0 or 0xC1 when _components == 0:
                    if (!ReadFrame(body))
                    {
                        return false;
                    }

                    break;
                case 0xC4:
                    if (!ReadHuffman(body))
                    {
                        return false;
                    }

                    break;
                case 0xDB:
                    if (!ReadQuantisation(body))
                    {
                        return false;
                    }

                    break;
                case 0xDD when body.Length == 2:
                    _restartInterval = BinaryPrimitives.ReadUInt16BigEndian(body);
                    break;
                case 0xEE when body.Length >= 12 && body.StartsWith("Adobe"u8):
                    adobe = body[11];
                    break;
                case 0xDA:
                    scan = at;
                    return IsYCbCr(adobe) && ReadScanHeader(body);
                case (>= 0xE0 and <= 0xEF) or 0xFE:
                    break;
                default:
                    // Progressive, lossless, arithmetic, hierarchical frames, and markers that have no place here.
                    return false;
            }
        }

        return false;
    }

    // The rules by which libjpeg guesses the colour space, for the case of YCbCr; grey needs none.
    private bool IsYCbCr(int adobe) => _components switch
    {
        1 => true,
        3 => adobe is -1 or 1 && !(_planes[0].Id == 'R' && _planes[1].Id == 'G' && _planes[2].Id == 'B'),
        _ => false,
    };

    private bool ReadFrame(ReadOnlySpan<byte> body)
    {
        if (body.Length < 6 || body[0] != 8 || body[5] is not (1 or 3) || body.Length != 6 + (body[5] * 3))
        {
            return false;
        }

        _height = BinaryPrimitives.ReadUInt16BigEndian(body[1..]);
        _width = BinaryPrimitives.ReadUInt16BigEndian(body[3..]);
        if (_width == 0 || _height == 0)
        {
            return false;
        }

        ImageDecoder.CheckSize(_width, _height);
        var components = body[5];
        for (var i = 0; i < components; i++)
        {
            var plane = _planes[i];
            var entry = body[(6 + (i * 3))..];
            (plane.Id, plane.Horizontal, plane.Vertical, plane.Quantisation) = (entry[0], entry[1] >> 4, entry[1] & 15, entry[2]);
            if (plane.Quantisation > 3)
            {
                return false;
            }
        }

        if (components == 1)
        {
            // The only component of a scan is not interleaved: its factors mean nothing.
            (_planes[0].Horizontal, _planes[0].Vertical) = (1, 1);
        }
        else if (_planes[1] is not { Horizontal: 1, Vertical: 1 } || _planes[2] is not { Horizontal: 1, Vertical: 1 } ||
            (_planes[0].Horizontal, _planes[0].Vertical) is not ((1, 1) or (2, 1) or (2, 2)))
        {
            return false;
        }

        var (maxHorizontal, maxVertical) = (_planes[0].Horizontal, _planes[0].Vertical);
        // libjpeg repeats samples instead of filtering where chroma has two columns or fewer.
        if (maxHorizontal == 2 && _width <= 4)
        {
            return false;
        }

        _unitsAcross = (_width + (maxHorizontal * 8) - 1) / (maxHorizontal * 8);
        _unitsDown = (_height + (maxVertical * 8) - 1) / (maxVertical * 8);
        for (var i = 0; i < components; i++)
        {
            _planes[i].Prepare(_width, _height, maxHorizontal, maxVertical, _unitsAcross, _unitsDown);
        }

        _components = components;
        return true;
    }

    private bool ReadHuffman(ReadOnlySpan<byte> body)
    {
        while (body.Length >= 17)
        {
            var (kind, number) = (body[0] >> 4, body[0] & 15);
            var counts = body.Slice(1, 16);
            var total = 0;
            foreach (var count in counts)
            {
                total += count;
            }

            if (kind > 1 || number > 3 || total > 256 || body.Length < 17 + total ||
                !(kind == 0 ? _dc : _ac)[number].Define(counts, body.Slice(17, total)))
            {
                return false;
            }

            body = body[(17 + total)..];
        }

        return body.IsEmpty;
    }

    private bool ReadQuantisation(ReadOnlySpan<byte> body)
    {
        while (!body.IsEmpty)
        {
            var (wide, number) = (body[0] >> 4, body[0] & 15);
            var length = 1 + (wide == 0 ? 64 : 128);
            if (wide > 1 || number > 3 || body.Length < length)
            {
                return false;
            }

            for (var i = 0; i < 64; i++)
            {
                _quantisation[number][i] = wide == 0 ? body[1 + i] : BinaryPrimitives.ReadUInt16BigEndian(body[(1 + (i * 2))..]);
            }

            _quantisationSeen |= 1 << number;
            body = body[length..];
        }

        return true;
    }

    private bool ReadScanHeader(ReadOnlySpan<byte> body)
    {
        if (body.Length != 4 + (_components * 2) || body[0] != _components)
        {
            return false;
        }

        for (var i = 0; i < _components; i++)
        {
            var plane = _planes[i];
            var (id, tables) = (body[1 + (i * 2)], body[2 + (i * 2)]);
            (plane.DcTable, plane.AcTable) = (tables >> 4, tables & 15);
            if (id != plane.Id || plane.DcTable > 3 || plane.AcTable > 3 || !_dc[plane.DcTable].IsDefined || !_ac[plane.AcTable].IsDefined ||
                (_quantisationSeen & (1 << plane.Quantisation)) == 0)
            {
                return false;
            }
        }

        return body[^3] == 0 && body[^2] == 63 && body[^1] == 0;
    }

    private bool ReadScan(ReadOnlySpan<byte> file, int at)
    {
        var reader = new JpegBitReader(file, at);
        ResetPredictors();
        var untilRestart = _restartInterval == 0 ? int.MaxValue : _restartInterval;
        var restarts = 0;
        for (var row = 0; row < _unitsDown; row++)
        {
            for (var column = 0; column < _unitsAcross; column++)
            {
                if (untilRestart == 0)
                {
                    if (!reader.Restart(restarts++ & 7))
                    {
                        return false;
                    }

                    ResetPredictors();
                    untilRestart = _restartInterval;
                }

                untilRestart--;
                for (var i = 0; i < _components; i++)
                {
                    if (!ReadUnit(ref reader, _planes[i], column, row))
                    {
                        return false;
                    }
                }
            }

            if (reader.IsPastEnd)
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadUnit(ref JpegBitReader reader, JpegPlane plane, int column, int row)
    {
        for (var v = 0; v < plane.Vertical; v++)
        {
            for (var h = 0; h < plane.Horizontal; h++)
            {
                var last = ReadBlock(ref reader, plane);
                if (last < 0)
                {
                    return false;
                }

                ref var samples = ref plane.Block((column * plane.Horizontal) + h, (row * plane.Vertical) + v);
                if (last == 0)
                {
                    JpegTransform.InverseFlat(_block[0], ref samples, plane.Stride);
                }
                else
                {
                    JpegTransform.Inverse(ref _block[0], ref samples, plane.Stride);
                }
            }
        }

        return true;
    }

    // The place of the last coefficient in zigzag order, or -1 if the data are not in order.
    private int ReadBlock(ref JpegBitReader shared, JpegPlane plane)
    {
        // A local copy lives in registers.
        var reader = shared;
        var dc = _dc[plane.DcTable];
        reader.Refill();
        int entry = Unsafe.Add(ref dc.Fast, (int)(reader.Bits >> (64 - JpegHuffmanTable.FastBits)));
        if (entry == 0)
        {
            entry = dc.Slow((int)(reader.Bits >> 48));
        }

        var size = entry & 255;
        if (entry == 0 || size > 11)
        {
            return -1;
        }

        reader.Skip(entry >> 8);
        plane.Predictor += reader.Receive(size);
        ref var quantisation = ref MemoryMarshal.GetArrayDataReference(_quantisation[plane.Quantisation]);
        ref var block = ref MemoryMarshal.GetArrayDataReference(_block);
        _block.AsSpan().Clear();
        block = plane.Predictor * quantisation;

        var ac = _ac[plane.AcTable];
        ref var fast = ref ac.Fast;
        ref var fastValue = ref ac.FastValue;
        ref var zigZag = ref MemoryMarshal.GetArrayDataReference(ZigZag);
        var last = 0;
        for (var k = 1; k < 64; k++)
        {
            reader.Refill();
            var index = (int)(reader.Bits >> (64 - JpegHuffmanTable.FastBits));
            var whole = Unsafe.Add(ref fastValue, index);
            int value;
            if (whole != 0)
            {
                reader.Skip(whole & 255);
                k += (whole >> 8) & 255;
                value = whole >> 16;
            }
            else
            {
                entry = Unsafe.Add(ref fast, index);
                if (entry == 0 && (entry = ac.Slow((int)(reader.Bits >> 48))) == 0)
                {
                    return -1;
                }

                reader.Skip(entry >> 8);
                size = entry & 15;
                var run = (entry >> 4) & 15;
                if (size == 0)
                {
                    if (run != 15)
                    {
                        break;
                    }

                    k += 15;
                    continue;
                }

                k += run;
                value = reader.Receive(size);
            }

            // k is 78 at most, which the tables allow for; past 63 the file is not in order.
            Unsafe.Add(ref block, (int)Unsafe.Add(ref zigZag, k)) = value * Unsafe.Add(ref quantisation, k);
            last = k;
        }

        shared = reader;
        return last < 64 ? last : -1;
    }

    private void ResetPredictors()
    {
        foreach (var plane in _planes)
        {
            plane.Predictor = 0;
        }
    }
}
