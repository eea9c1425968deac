using Sightline.Data;

namespace Sightline.Curation;

/// <summary>Checks a data set: says what is wrong with it, and changes nothing.</summary>
public static class DatasetCheck
{
    // "A check that fires on > 50 % of the set is left out of the report" (cleanlab/cleanvision, src/cleanvision/imagelab.py).
    private const double LargestShare = 0.5;

    /// <summary>Runs the checks.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="options">What is looked for.</param>
    /// <param name="progress">Told how far it is, from several threads; null where nobody watches.</param>
    /// <returns>All findings.</returns>
    /// <remarks>
    /// What is measured of the pictures is kept in the cache folder by their content: the second check decodes only pictures that are new. Memory: about
    /// 1 kB a picture, and one decoded picture a core.
    /// </remarks>
    /// <exception cref="SettingsException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was asked to end.</exception>
    public static CheckReport Run(ImageDataset data, CheckOptions options, IProgress<CheckProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(data);
        var problems = options.Check().ToArray();
        if (problems.Length > 0)
        {
            throw new SettingsException(string.Join(' ', problems));
        }

        var input = new CheckInput(data, options.MatchTurns, progress, cancellationToken);
        var found = Find(input, options);
        var outcomes = new List<KindOutcome>();
        var findings = new List<Finding>();
        foreach (var kind in options.Checks.SelectMany(check => check.Kinds).Where(kind => found.ContainsKey(kind.Name)))
        {
            var these = found[kind.Name];
            var status = Status(kind, these.Count, data.Images.Count);
            outcomes.Add(new KindOutcome(
                kind.Name, status, these.Count == 0 ? null : these.Max(finding => finding.Severity), these.Count, kind.Meaning, kind.Advice));
            findings.AddRange(status == KindStatus.Found ? these : []);
        }

        return new CheckReport
        {
            Location = data.Location,
            Version = data.Version,
            Pictures = data.Images.Count,
            Classes = data.Classes.Count,
            Measured = input.IsMeasured ? input.Measured : null,
            Kinds = outcomes,
            Findings = findings,
        };
    }

    // The last check first: the first one tells of pictures that could not be decoded when others had them measured.
    private static Dictionary<string, IReadOnlyList<Finding>> Find(CheckInput input, CheckOptions options)
    {
        var result = new Dictionary<string, IReadOnlyList<Finding>>(StringComparer.Ordinal);
        foreach (var check in options.Checks.Reverse())
        {
            input.CancellationToken.ThrowIfCancellationRequested();
            var kinds = check.Kinds.Where(kind => options.Only.Count == 0 || options.Only.Contains(kind.Name)).ToList();
            var found = kinds.Count == 0 ? null : check.Run(input).ToLookup(finding => finding.Kind, StringComparer.Ordinal);
            foreach (var kind in kinds)
            {
                result[kind.Name] = [.. found![kind.Name]]; // Null only where there are no kinds.
            }
        }

        return result;
    }

    private static KindStatus Status(FindingKind kind, int count, int pictures) =>
        count == 0 ? KindStatus.Ok : kind.IsProperty && count > LargestShare * pictures ? KindStatus.LeftOut : KindStatus.Found;
}
