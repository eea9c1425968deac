using System.Globalization;
using Sightline.Curation.Pictures;

namespace Sightline.Curation.Checks;

/// <summary>Classes that a simple property alone tells from the rest, so that a model may learn it in place of the subject.</summary>
/// <remarks>
/// The measure is the area under the ROC curve of the property for class against rest (Hanley and McNeil 1982): the probability that a picture
/// of the class has a higher value than one of another class, ties counting half; 0.5 is chance. A property that is lower
/// for the class counts the same.
/// </remarks>
internal sealed class ConfoundedClassCheck : IDatasetCheck
{
    private const double Limit = 0.9;

    // With fewer pictures an area of 0.9 comes by chance.
    private const int LeastPictures = 15;

    private static readonly (string Name, string Higher, string Lower, Func<PictureFacts, double> Value)[] Properties =
    [
        ("brightness", "lighter", "darker", facts => facts.MeanBrightness),
        ("size", "larger", "smaller", facts => facts.Size),
        ("shape", "wider", "taller", facts => (double)facts.Width / facts.Height),
        ("greyness", "more often grey", "less often grey", facts => facts.IsGrey ? 1 : 0),
    ];

    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("confounded-class",
            "Brightness, size, shape or greyness alone tells the class from the others: the area under its ROC curve is at least 0.9 (chance 0.5).",
            "Add pictures of the class that differ in this, or of other classes that share it; augment the property away."),
    ];

    public IEnumerable<Finding> Run(CheckInput input)
    {
        var pictures = Enumerable.Range(0, input.Facts.Count).Where(i => input.Facts[i] is not null && input.Labels[i] >= 0).ToArray();
        return Properties.SelectMany(property => Of(input, pictures, property)).OrderByDescending(finding => finding.Score);
    }

    private static IEnumerable<Finding> Of(
        CheckInput input, int[] pictures, (string Name, string Higher, string Lower, Func<PictureFacts, double> Value) property)
    {
        var values = pictures.Select(i => property.Value(input.Facts[i]!)).ToArray(); // Only those with facts were taken.
        var labels = pictures.Select(i => input.Labels[i]).ToArray();
        var areas = RocArea.Of(values, labels, input.Data.Classes.Count);
        var counts = ClassCounts.Of(labels, areas.Length);

        for (var label = 0; label < areas.Length; label++)
        {
            var area = Math.Max(areas[label], 1 - areas[label]);
            if (area >= Limit && counts[label] >= LeastPictures && pictures.Length - counts[label] >= LeastPictures)
            {
                yield return new Finding
                {
                    Kind = "confounded-class",
                    Severity = Severity.Warning,
                    Subject = input.Data.Classes[label],
                    Reason = string.Create(CultureInfo.InvariantCulture,
                        $"Its pictures are {(areas[label] > 0.5 ? property.Higher : property.Lower)} than others in {100 * area:0} % of pairs: ") +
                        string.Create(CultureInfo.InvariantCulture,
                        $"{property.Name} alone tells the class (area under the ROC curve {area:0.00}; chance 0.5, limit {Limit:0.0})."),
                    Score = area,
                };
            }
        }
    }
}
