using System.Globalization;
using Sightline.Curation.Duplicates;
using Sightline.Curation.Pictures;

namespace Sightline.Curation.Checks;

/// <summary>How pairs of pictures are told of.</summary>
internal static class PairWords
{
    /// <summary>Split and class of a picture, beside one that the reader knows.</summary>
    public static string Where(CheckInput input, int image, int beside) =>
        $"{input.SplitName(image)}, {(input.Labels[image] == input.Labels[beside] ? "same class" : $"class '{input.ClassName(image)}'")}";

    /// <summary>"3 of 64 bits and 2 of 255 levels of colour apart, mirrored left to right".</summary>
    public static string Distance(DuplicateEdge edge) => string.Create(
        CultureInfo.InvariantCulture, $"{edge.Distance} of 64 bits and {edge.ColourDifference:0} of 255 levels of colour apart{Turned(edge.Turn)}");

    /// <summary>The severity, one degree less where the pair is doubtful.</summary>
    public static Severity Judge(DuplicateEdge edge, Severity severity) => edge.IsDoubtful ? severity - 1 : severity;

    private static string Turned(PictureTurn turn) => turn switch
    {
        PictureTurn.None => "",
        PictureTurn.MirroredLeftRight => ", mirrored left to right",
        PictureTurn.MirroredTopBottom => ", mirrored top to bottom",
        PictureTurn.HalfTurn => ", turned by a half",
        PictureTurn.QuarterTurnLeft or PictureTurn.QuarterTurnRight => ", turned by a quarter",
        _ => ", mirrored and turned by a quarter",
    };
}
