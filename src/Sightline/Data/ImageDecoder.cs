using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Sightline.Data;

/// <summary>Decodes files to upright 8-bit RGB with the pixels that Pillow gives. One per thread: it keeps its buffers.</summary>
/// <remarks>
/// Alpha is dropped, not blended, as <c>convert("RGB")</c> does. 16-bit channels keep their high byte; for grey Pillow would clip at 255
/// instead, which makes nearly everything white. EXIF orientation is applied, as <c>ImageOps.exif_transpose</c> does.
/// </remarks>
internal sealed class ImageDecoder
{
    /// <summary>Most pixels of a picture: Pillow's limit for its decompression-bomb error, 2 x 1024^3 / 4 / 3.</summary>
    public const long PixelLimit = 178_956_970;

    private readonly JpegDecoder _jpeg = new();
    private readonly PixelBuffer _upright = new();
    private byte[] _rgba = [];
    private byte[] _file = [];

    /// <summary>Reads and decodes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shortSide">The short side needed; JPEG may be decoded at 1/2, 1/4 or 1/8 as long as it is kept. 0 asks for the full size.</param>
    /// <param name="target">Receives the picture.</param>
    /// <exception cref="DataException">The file cannot be read or decoded; the message names it.</exception>
    public void Decode(string path, int shortSide, PixelBuffer target)
    {
        try
        {
            Decode(Read(path), shortSide, target);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"'{path}' cannot be read: {error.Message}", error);
        }
        catch (ImageFormatException error)
        {
            throw new DataException($"'{path}' {error.Message}.", error);
        }
    }

    /// <summary>The content of a file, in a buffer that the next call overwrites.</summary>
    public ReadOnlySpan<byte> Read(string path)
    {
        using var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var length = RandomAccess.GetLength(handle);
        if (length > Array.MaxLength)
        {
            throw new ImageFormatException($"has {length:N0} bytes; at most {Array.MaxLength:N0} are read");
        }

        if (_file.Length < length)
        {
            _file = GC.AllocateUninitializedArray<byte>((int)Math.Min(length + (length / 2), Array.MaxLength));
        }

        var read = 0;
        while (read < length)
        {
            var count = RandomAccess.Read(handle, _file.AsSpan(read, (int)length - read), read);
            if (count == 0)
            {
                break;
            }

            read += count;
        }

        return _file.AsSpan(0, read);
    }

    /// <summary>As <see cref="Decode(string, int, PixelBuffer)"/> for bytes in memory.</summary>
    /// <exception cref="ImageFormatException">The bytes are no picture; the message continues "the file …".</exception>
    public void Decode(ReadOnlySpan<byte> file, int shortSide, PixelBuffer target)
    {
        if (file.IsEmpty)
        {
            throw new ImageFormatException("is empty (0 bytes)");
        }

        var format = ImageHeader.Detect(file);
        if (format == ImageFormat.Unknown)
        {
            throw new ImageFormatException("is no picture of a format that is read (JPEG, PNG, WebP, BMP, GIF)") { IsUnsupported = true };
        }

        if (format == ImageFormat.Gif)
        {
            GifDecoder.Decode(file, target);
            return;
        }

        if (format != ImageFormat.Jpeg || !TryOwnJpeg(file, shortSide, target))
        {
            DecodeWithSkia(file, format, shortSide, target);
        }
    }

    private bool TryOwnJpeg(ReadOnlySpan<byte> file, int shortSide, PixelBuffer target)
    {
        var orientation = Exif.Orientation(file);
        var flat = orientation == 1 ? target : _upright;
        if (!_jpeg.TryDecode(file, shortSide, flat))
        {
            return false;
        }

        if (orientation != 1)
        {
            Orientation.Apply(flat, orientation, target);
        }

        return true;
    }

    private void DecodeWithSkia(ReadOnlySpan<byte> file, ImageFormat format, int shortSide, PixelBuffer target)
    {
        unsafe
        {
            fixed (byte* start = file)
            {
                using var data = SKData.Create((IntPtr)start, file.Length);
                using var codec = SKCodec.Create(data) ?? throw new ImageFormatException(
                    $"is a {format} file whose header cannot be read; it is damaged or cut short");
                CheckSize(codec.Info.Width, codec.Info.Height);
                var size = Size(codec, format, shortSide);
                var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
                var bytes = size.Width * size.Height * 4;
                if (_rgba.Length < bytes)
                {
                    _rgba = GC.AllocateUninitializedArray<byte>(bytes);
                }

                fixed (byte* pixels = _rgba)
                {
                    var result = codec.GetPixels(info, (IntPtr)pixels, size.Width * 4, SKCodecOptions.Default);
                    if (result != SKCodecResult.Success)
                    {
                        throw new ImageFormatException($"is a damaged {format} file ({Words(result)})");
                    }
                }

                var orientation = format == ImageFormat.Jpeg ? Exif.Orientation(file) : (int)codec.EncodedOrigin;
                var flat = orientation == 1 ? target : _upright;
                flat.Resize(size.Width, size.Height);
                DropAlpha(_rgba.AsSpan(0, bytes), flat.Pixels);
                if (orientation != 1)
                {
                    Orientation.Apply(flat, orientation, target);
                }
            }
        }
    }

    /// <summary>Refuses a picture by its header, before memory is taken for its pixels.</summary>
    internal static void CheckSize(int width, int height)
    {
        if ((long)width * height > PixelLimit)
        {
            throw new ImageFormatException(
                $"is {width} x {height} pixels, {(long)width * height:N0} in all; at most {PixelLimit:N0} are read, so that a small file cannot fill the memory");
        }
    }

    /// <summary>Pillow's rule for its draft mode: the largest of 8, 4, 2 that keeps the size asked for.</summary>
    internal static int DraftScale(int width, int height, int shortSide)
    {
        var scale = shortSide > 0 ? Math.Min(width, height) / shortSide : 1;
        return scale >= 8 ? 8 : scale >= 4 ? 4 : scale >= 2 ? 2 : 1;
    }

    private static SKSizeI Size(SKCodec codec, ImageFormat format, int shortSide)
    {
        var full = new SKSizeI(codec.Info.Width, codec.Info.Height);
        var scale = format == ImageFormat.Jpeg ? DraftScale(full.Width, full.Height, shortSide) : 1;
        return scale == 1 ? full : codec.GetScaledDimensions(1f / scale);
    }

    private static void DropAlpha(ReadOnlySpan<byte> rgba, byte[] rgb)
    {
        ref var source = ref MemoryMarshal.GetReference(rgba);
        ref var target = ref MemoryMarshal.GetArrayDataReference(rgb);
        var count = rgba.Length / 4;
        var i = 0;
        // Four bytes are written where three count; the next pixel covers the fourth, so the last one is written by itself.
        for (; i < count - 1; i++)
        {
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, i * 3), Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, i * 4)));
        }

        rgba.Slice(i * 4, 3).CopyTo(rgb.AsSpan(i * 3));
    }

    private static string Words(SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => "its data end too early",
        SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput => "its data are invalid",
        SKCodecResult.Unimplemented => "it uses a part of the format that is not read",
        _ => result.ToString(),
    };
}

/// <summary>Why bytes are no usable picture; the message continues "the file …".</summary>
internal sealed class ImageFormatException(string message) : Exception(message)
{
    /// <summary>The file is something else, rather than damaged.</summary>
    public bool IsUnsupported { get; init; }
}
