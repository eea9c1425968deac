namespace Sightline;

/// <summary>Independent random streams from one run seed.</summary>
internal static class Seeds
{
    /// <summary>Mixes a seed with two keys (SplitMix64's finaliser, Steele et al. 2014), so that neighbouring keys give unrelated streams.</summary>
    public static ulong Mix(long seed, long first, long second = 0)
    {
        var z = Finalise((ulong)seed + 0x9E3779B97F4A7C15UL);
        z = Finalise(z ^ ((ulong)first + 0x9E3779B97F4A7C15UL));
        return Finalise(z ^ ((ulong)second + 0x9E3779B97F4A7C15UL));
    }

    private static ulong Finalise(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}

/// <summary>A small, fast, seeded generator whose values do not change with the .NET version (SplitMix64).</summary>
internal struct RandomStream(ulong seed)
{
    private ulong _state = seed;

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15UL;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, exclusiveMax), without bias worth the name (Lemire's multiply-shift).</summary>
    public int NextInt(int exclusiveMax) => (int)Math.BigMul(NextBits(), (ulong)exclusiveMax, out _);

    /// <summary>Fisher-Yates shuffle.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
