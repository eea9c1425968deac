using System.Globalization;
using Sightline.Cli.CommandLine;
using Sightline.Curation;

namespace Sightline.Cli.Checks;

/// <summary>A limit on findings: <c>leakage</c>, <c>near-duplicate:20</c>, <c>error</c>, <c>any</c>.</summary>
/// <param name="Kind">A kind of finding; or <c>error</c>, <c>warning</c> (or worse) or <c>any</c>.</param>
/// <param name="Limit">Most findings that pass; 0 or more.</param>
internal sealed record Gate(string Kind, int Limit)
{
    private static readonly string[] Severities = ["error", "warning", "any"];

    /// <summary>Reads gates, separated by commas.</summary>
    /// <param name="known">The kinds that are looked for.</param>
    /// <exception cref="SettingsException">A kind is not known, or a count is no number.</exception>
    public static IReadOnlyList<Gate> Parse(IEnumerable<string> texts, IReadOnlyList<string> known) =>
        [.. SplitAtCommas(texts).Select(text => ParseOne(text, known))];

    /// <summary>The parts of all texts, without spaces around them.</summary>
    public static IReadOnlyList<string> SplitAtCommas(IEnumerable<string> texts) =>
        [.. texts.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    /// <summary>How many findings count against it.</summary>
    public int Count(CheckReport report) => Kind switch
    {
        "any" => report.Findings.Count,
        "error" => report.Findings.Count(finding => finding.Severity == Severity.Error),
        "warning" => report.Findings.Count(finding => finding.Severity >= Severity.Warning),
        _ => report.Kinds.Single(kind => kind.Kind == Kind).Count,
    };

    private static Gate ParseOne(string text, IReadOnlyList<string> known)
    {
        var (kind, count) = text.Split(':') switch
        {
            [var name] => (name, "0"),
            [var name, var limit] => (name, limit),
            _ => throw new SettingsException($"--fail-on is '{text}'; it must be KIND or KIND:COUNT. Pass, for example, --fail-on leakage,near-duplicate:20."),
        };
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new SettingsException($"--fail-on is '{text}'; the count after ':' must be a whole number of 0 or more, the most findings that pass.");
        }

        if (!known.Contains(kind) && !Severities.Contains(kind))
        {
            throw new SettingsException(
                $"--fail-on names '{kind}', which is not looked for.{NearestNames.Suggest(kind, known.Concat(Severities))} " +
                $"There are: {string.Join(", ", known.Concat(Severities))}.");
        }

        return new Gate(kind, number);
    }
}
