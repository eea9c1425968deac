namespace Sightline.Numerics;

/// <summary>The complementary error function, plain and scaled.</summary>
/// <remarks>W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969); the coefficients of his CALERF, in the
/// public domain at netlib.org/specfun. Relative error near 1e-16.</remarks>
internal static class ErrorFunction
{
    private const double InverseRootPi = 0.56418958354775628695;

    private static readonly double[] _a =
        [3.16112374387056560e00, 1.13864154151050156e02, 3.77485237685302021e02, 3.20937758913846947e03, 1.85777706184603153e-1];
    private static readonly double[] _b =
        [2.36012909523441209e01, 2.44024637934444173e02, 1.28261652607737228e03, 2.84423683343917062e03];
    private static readonly double[] _c =
    [
        5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e01, 2.98635138197400131e02, 8.81952221241769090e02,
        1.71204761263407058e03, 2.05107837782607147e03, 1.23033935479799725e03, 2.15311535474403846e-8,
    ];

    private static readonly double[] _d =
    [
        1.57449261107098347e01, 1.17693950891312499e02, 5.37181101862009858e02, 1.62138957456669019e03, 3.29079923573345963e03,
        4.36261909014324716e03, 3.43936767414372164e03, 1.23033935480374942e03,
    ];

    private static readonly double[] _p =
    [
        3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4,
        1.63153871373020978e-2,
    ];

    private static readonly double[] _q =
        [2.56852019228982242e00, 1.87295284992346725e00, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3];

    /// <summary>1 - erf(x).</summary>
    public static double Erfc(double x)
    {
        var y = Math.Abs(x);
        if (y <= 0.46875)
        {
            return 1 - (x * Small(y));
        }

        var tail = Math.Exp(-y * y) * Scaled(y);
        return x < 0 ? 2 - tail : tail;
    }

    /// <summary>exp(x^2) (1 - erf(x)).</summary>
    /// <param name="x">At least 0.</param>
    public static double ScaledErfc(double x) => x <= 0.46875 ? Math.Exp(x * x) * (1 - (x * Small(x))) : Scaled(x);

    /// <summary>erf(x) / x for |x| up to 0.46875.</summary>
    private static double Small(double y)
    {
        var square = y * y;
        var top = _a[4] * square;
        var bottom = square;
        for (var i = 0; i < 3; i++)
        {
            top = (top + _a[i]) * square;
            bottom = (bottom + _b[i]) * square;
        }

        return (top + _a[3]) / (bottom + _b[3]);
    }

    private static double Scaled(double y)
    {
        if (y <= 4)
        {
            var top = _c[8] * y;
            var bottom = y;
            for (var i = 0; i < 7; i++)
            {
                top = (top + _c[i]) * y;
                bottom = (bottom + _d[i]) * y;
            }

            return (top + _c[7]) / (bottom + _d[7]);
        }

        if (y > 1e8)
        {
            return InverseRootPi / y;
        }

        var inverse = 1 / (y * y);
        var above = _p[5] * inverse;
        var below = inverse;
        for (var i = 0; i < 4; i++)
        {
            above = (above + _p[i]) * inverse;
            below = (below + _q[i]) * inverse;
        }

        return (InverseRootPi - (inverse * (above + _p[4]) / (below + _q[4]))) / y;
    }
}
