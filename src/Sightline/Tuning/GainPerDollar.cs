namespace Sightline.Tuning;

/// <summary>Lets a study prefer cheap candidates while most of the budget is left: what a candidate promises, less alpha times the logarithm of its cost.</summary>
/// <remarks>Cost-cooling of Lee et al. 2020, "Cost-aware Bayesian optimization": alpha falls from 1 to 0 as the budget is spent, so that the last trials go where the
/// gain is, whatever it costs.</remarks>
internal static class GainPerDollar
{
    /// <summary>What is taken off a candidate's logarithm of expected gain.</summary>
    /// <param name="relativeCost">How long a trial takes beside one of the recipe; above 0.</param>
    /// <param name="spentShare">The share of the budget that is spent, 0 to 1.</param>
    public static Func<Configuration, double> Penalty(Func<Configuration, double> relativeCost, Func<double> spentShare)
    {
        var alpha = 1 - Math.Clamp(spentShare(), 0, 1);
        return configuration => alpha * Math.Log(relativeCost(configuration));
    }
}
