namespace Sightline.Training;

/// <summary>fastai's <c>fine_tune</c>: a cycle while only the head learns, then another at half the peak for the whole model.</summary>
/// <remarks>
/// fastai, fastai/callback/schedule.py, <c>fine_tune</c> and <c>combined_cos</c>: the first with pct_start 0.99 and div 25, the second with
/// pct_start 0.3 and div 5, both ending at the peak / 1e5; step k of n stands at k / n. Its momentum does not move here.
/// </remarks>
internal static class FineTuneSchedule
{
    private const double FinalDivisor = 1e5;

    /// <summary>The rate of a step.</summary>
    /// <param name="step">Steps taken before it.</param>
    /// <param name="peak">Peak of the first cycle.</param>
    /// <param name="frozenSteps">Steps of the first cycle; at least 1.</param>
    /// <param name="totalSteps">Steps of both.</param>
    public static double At(long step, double peak, long frozenSteps, long totalSteps) => step < frozenSteps
        ? Cycle((double)step / frozenSteps, peak, 0.99, 25)
        : Cycle((double)(step - frozenSteps) / (totalSteps - frozenSteps), peak / 2, 0.3, 5);

    private static double Cycle(double place, double peak, double top, double divisor) => place < top
        ? Cosine(peak / divisor, peak, place / top)
        : Cosine(peak, peak / FinalDivisor, (place - top) / (1 - top));

    private static double Cosine(double from, double to, double share) => from + ((1 + Math.Cos(Math.PI * (1 - share))) * (to - from) / 2);
}
