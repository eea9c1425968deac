namespace Sightline.Tuning;

/// <summary>Replays a study's curves to see whether the ranks at a rung tell anything of what comes later.</summary>
/// <remarks>
/// On a third of the LCBench tasks, ranks after one epoch of 52 mislead. A rung is judged by all pairs of trials that went on past it to the next rung or
/// further: did the one that was ahead at the rung stay ahead at the last rung that both reached? PASHA (Bohdal et al. 2023) compares ranks in this way to
/// lengthen trials; here they move the first rung.
/// </remarks>
internal static class RankCheck
{
    // Ten pairs are five trials. Below one half, a coin would have told as much; trials past a rung are its better third, so that even sound
    // ranks agree less among them than among all.
    private const int MinPairs = 10;
    private const double Chance = 0.5;

    /// <summary>Whether a rung's ranks are no better than chance. Not known, and so false, with fewer than ten pairs of trials past it.</summary>
    /// <param name="study">The trials so far.</param>
    /// <param name="steps">The rungs' steps, the first first.</param>
    /// <param name="rung">Which of them.</param>
    public static bool Misleads(StudyView study, IReadOnlyList<long> steps, int rung)
    {
        List<long> later = [.. steps.Skip(rung + 1)];
        if (Rungs.End(study) is { } end)
        {
            later.Add(end);
        }

        var curves = study.Trials.Select(trial => (At: Rungs.Loss(study, trial, steps[rung]), Later: later.Select(step => Rungs.Loss(study, trial, step)).ToList()))
            .Where(curve => curve.At is { } loss && !double.IsNaN(loss) && curve.Later.Count > 0 && curve.Later[0] is not null).ToList();
        var (pairs, agreeing) = (0, 0.0);
        for (var i = 0; i < curves.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var last = later.Count - 1;
                while (last >= 0 && !(curves[i].Later[last] is not null && curves[j].Later[last] is not null))
                {
                    last--;
                }

                var (then, now) = (curves[i].At!.Value.CompareTo(curves[j].At!.Value), curves[i].Later[last]!.Value.CompareTo(curves[j].Later[last]!.Value));
                pairs++;
                agreeing += then == 0 || now == 0 ? 0.5 : then == now ? 1 : 0;
            }
        }

        return pairs >= MinPairs && agreeing < Chance * pairs;
    }
}
