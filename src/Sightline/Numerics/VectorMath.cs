using System.Numerics;
using System.Runtime.InteropServices;

namespace Sightline.Numerics;

/// <summary>Sums and products of vectors of doubles, with the processor's vector instructions.</summary>
internal static class VectorMath
{
    /// <summary>The sum of products of two vectors of the same length.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var va = MemoryMarshal.Cast<double, Vector<double>>(a);
        var vb = MemoryMarshal.Cast<double, Vector<double>>(b);
        var sums = Vector<double>.Zero;
        for (var i = 0; i < va.Length; i++)
        {
            sums += va[i] * vb[i];
        }

        var sum = Vector.Sum(sums);
        for (var i = va.Length * Vector<double>.Count; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>target += scale * values.</summary>
    public static void AddScaled(ReadOnlySpan<double> values, double scale, Span<double> target)
    {
        var from = MemoryMarshal.Cast<double, Vector<double>>(values);
        var to = MemoryMarshal.Cast<double, Vector<double>>(target);
        var factor = new Vector<double>(scale);
        for (var i = 0; i < from.Length; i++)
        {
            to[i] += factor * from[i];
        }

        for (var i = from.Length * Vector<double>.Count; i < values.Length; i++)
        {
            target[i] += scale * values[i];
        }
    }

    /// <summary>log(1 + x) without loss near 0. <c>double.LogP1</c> adds 1 first and loses it.</summary>
    /// <remarks>Kahan's correction; see Goldberg 1991, theorem 4.</remarks>
    public static double LogOnePlus(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * x / (u - 1);
    }

    /// <summary>exp(x) - 1 without loss near 0.</summary>
    public static double ExpMinusOne(double x)
    {
        var u = Math.Exp(x);
        return u == 1 ? x : u - 1 == -1 ? -1 : double.IsInfinity(u) ? u : (u - 1) * x / Math.Log(u);
    }
}
