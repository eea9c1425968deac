using System.Globalization;
using Sightline.Curation.Pictures;

namespace Sightline.Curation.Checks;

/// <summary>A property of single pictures with a limit below which it is a finding.</summary>
/// <remarks>
/// Definitions and limits are those of cleanvision (cleanlab/cleanvision: src/cleanvision/issue_managers/image_property.py and
/// image_property_issue_manager.py). No accuracy is published for them.
/// </remarks>
internal sealed class PropertyCheck : IDatasetCheck
{
    private readonly FindingKind _kind;
    private readonly Func<PictureFacts, double> _score;
    private readonly double _limit;
    private readonly string _words;

    private PropertyCheck(FindingKind kind, Func<PictureFacts, double> score, double limit, string words)
    {
        _kind = kind with { IsProperty = true };
        _score = score;
        _limit = limit;
        _words = words;
    }

    /// <summary>One row a property.</summary>
    public static IReadOnlyList<PropertyCheck> All { get; } =
    [
        new(new("dark", "The 99th percentile of brightness is below 0.32.", "Look whether the subject can be seen; exclude or brighten it."),
            facts => facts.BrightnessP99, 0.32, "The 99th percentile of its brightness is {0}; below {1} a picture is dark."),
        new(new("light", "The 5th percentile of brightness is above 0.95.", "Look whether the subject can be seen; exclude it."),
            facts => 1 - facts.BrightnessP5, 0.05, "One less the 5th percentile of its brightness is {0}; below {1} a picture is light."),
        new(new("blurry", "The sharpness is below 0.29.", "Exclude it, unless pictures in use will be as blurred."),
            facts => facts.Sharpness, 0.29, "Its sharpness is {0}; below {1} a picture is blurry."),
        new(new("low-information", "A tenth of the histogram's entropy in bits is below 0.3.", "Look whether there is anything to see; exclude it."),
            facts => 0.1 * facts.EntropyBits, 0.3, "A tenth of its histogram's entropy is {0} bits; below {1} a picture says little."),
        new(new("odd-aspect", "The short side is less than 0.35 of the long side.", "Crop it: resizing to a square distorts it or cuts most of it off."),
            facts => facts.AspectRatio, 0.35, "Its short side is {0} of its long side; below {1} a picture is oddly long."),
        new(new("grey", "Red, green and blue are equal in every pixel, in a set of colour pictures.", "Make sure that greyness is not a mark of one class."),
            facts => facts.IsGrey ? 0 : 1, 0.5, "It has no colour."),
    ];

    public IReadOnlyList<FindingKind> Kinds => [_kind];

    public IEnumerable<Finding> Run(CheckInput input) => Enumerable.Range(0, input.Facts.Count)
        .Where(i => input.Facts[i] is { } facts && _score(facts) < _limit)
        .OrderBy(i => _score(input.Facts[i]!)) // Of those above.
        .Select(i => new Finding
        {
            Kind = _kind.Name,
            Severity = _kind.Name == "grey" ? Severity.Note : Severity.Warning,
            Subject = input.Name(i),
            Images = [i],
            Reason = string.Format(CultureInfo.InvariantCulture, _words, Math.Round(_score(input.Facts[i]!), 3), _limit),
            Score = _score(input.Facts[i]!),
        });
}
