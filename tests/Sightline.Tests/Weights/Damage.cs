using Sightline.Weights;
using Xunit;

namespace Sightline.Tests.Weights;

/// <summary>Weights files that something happened to: each must end in tensors or in a <see cref="WeightsException"/>, never in another error.</summary>
internal static class Damage
{
    /// <summary>Asserts that the file is refused wherever it is cut.</summary>
    public static void CutEverywhere(byte[] whole, int first, int step, string path)
    {
        for (var length = first; length < whole.Length; length += step)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Throws<WeightsException>(() => WeightsFile.Read(path));
        }
    }

    /// <summary>Changes one bit at a time.</summary>
    /// <returns>How many of the changes were refused.</returns>
    public static int RefusedChanges(byte[] whole, int first, int step, string path)
    {
        var refused = 0;
        for (var position = first; position < whole.Length; position += step)
        {
            var changed = whole.ToArray();
            changed[position] ^= (byte)(1 << (position % 8));
            File.WriteAllBytes(path, changed);
            try
            {
                WeightsFile.Read(path).Dispose();
            }
            catch (WeightsException)
            {
                refused++;
            }
        }

        return refused;
    }
}
