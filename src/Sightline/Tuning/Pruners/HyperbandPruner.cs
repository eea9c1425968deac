using ICSharpCode.SharpZipLib.Checksum;

namespace Sightline.Tuning;

/// <summary>Several brackets of successive halving, each with a later first rung; a trial's number says which bracket it is in.</summary>
/// <remarks>Li et al. 2018; shares and hash as in optuna/pruners/_hyperband.py (MIT).</remarks>
internal sealed class HyperbandPruner : IPruner
{
    /// <inheritdoc/>
    public PrunerKind Kind => PrunerKind.Hyperband;

    /// <inheritdoc/>
    public Verdict Judge(StudyView study, Trial trial)
    {
        if (Rungs.End(study) is not { } end)
        {
            return Verdict.Continue;
        }

        var shares = Shares(study.Options.Pruner, end);
        var bracket = Bracket(study.Options.Name, trial.Number, shares);
        return AshaPruner.Judge(study, trial, Rungs.Steps(study, bracket), other => Bracket(study.Options.Name, other.Number, shares) == bracket);
    }

    /// <inheritdoc/>
    public (int Bracket, IReadOnlyList<long> Steps) Ladder(StudyView study, Trial trial) => Rungs.End(study) is not { } end ? (0, [])
        : Bracket(study.Options.Name, trial.Number, Shares(study.Options.Pruner, end)) is var bracket ? (bracket, Rungs.Steps(study, bracket)) : default;

    /// <summary>How many trials in turn each bracket takes.</summary>
    internal static IReadOnlyList<int> Shares(PrunerOptions options, long end)
    {
        var ratio = (double)end / Rungs.First(options, end);
        // A hundredth of a millionth mends ratios such as log_3 243, which floating point puts below 5.
        var count = (int)Math.Floor((Math.Log(ratio) / Math.Log(options.Eta)) + 1e-8) + 1;
        return [.. Enumerable.Range(0, count).Select(b => count - 1 - b)
            .Select(q => (int)Math.Ceiling((count * Math.Pow(options.Eta, q) / (q + 1)) - 1e-8))];
    }

    /// <summary>The bracket of a trial.</summary>
    internal static int Bracket(string study, int number, IReadOnlyList<int> shares)
    {
        var checksum = new Crc32();
        checksum.Update(System.Text.Encoding.UTF8.GetBytes($"{study}_{number}"));
        var hash = (uint)checksum.Value % (uint)shares.Sum();
        for (var bracket = 0; bracket < shares.Count - 1; bracket++)
        {
            if (hash < shares[bracket])
            {
                return bracket;
            }

            hash -= (uint)shares[bracket];
        }

        return shares.Count - 1;
    }
}
