using static TorchSharp.torch;

namespace Sightline.Weights;

/// <summary>Reads tensors from a file of any known format, chosen by its content and never by its name.</summary>
public static class WeightsFile
{
    private const string Wrapper = "module.";

    /// <summary>Reads safetensors, or PyTorch's .pth in either of its forms (tensors only; nothing in the file is run).</summary>
    /// <param name="path">The file.</param>
    /// <returns>The tensors, without the prefix <c>module.</c> that PyTorch's parallel wrapper puts before every key. The caller owns the set.</returns>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="WeightsException">The file is damaged, of another format, or asks for more than tensors.</exception>
    public static TensorSet Read(string path)
    {
        Span<byte> start = stackalloc byte[16];
        using (var stream = Open(path))
        {
            start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        }

        var set = start switch
        {
            _ when TorchCheckpoint.Recognises(start) => TorchCheckpoint.Read(path),
            _ when LegacyCheckpoint.Recognises(start) => LegacyCheckpoint.Read(path),
            _ when Safetensors.Recognises(start) => Safetensors.Read(path),
            _ => throw Unknown(path, start),
        };
        return Unwrapped(set);
    }

    /// <summary>Opens a file for reading, or says in plain words why that is not possible.</summary>
    internal static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NotFoundException($"There is no file '{path}'. Check the path.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WeightsException($"'{path}' cannot be read ({error.Message}). Check that it is a file and that you may read it.", error);
        }
    }

    private static WeightsException Unknown(string path, ReadOnlySpan<byte> start) => new(start.Length == 0
        ? $"'{path}' is empty. Copy or download it again."
        : $"'{path}' is neither safetensors nor a PyTorch .pth file (it starts with {Convert.ToHexString(start[..Math.Min(8, start.Length)])}).");

    private static TensorSet Unwrapped(TensorSet set)
    {
        if (set.Tensors.Count == 0 || !set.Tensors.Keys.All(key => key.StartsWith(Wrapper, StringComparison.Ordinal)))
        {
            return set;
        }

        var tensors = set.Tensors.ToDictionary(pair => pair.Key[Wrapper.Length..], pair => pair.Value);
        return new TensorSet(set.Path, tensors, set.Metadata, set.Part) { Architecture = set.Architecture };
    }
}
