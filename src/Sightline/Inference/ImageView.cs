namespace Sightline.Inference;

/// <summary>One view of a picture at test time.</summary>
/// <param name="X">Where the crop lies in the resized picture: 0 left, 1 right.</param>
/// <param name="Y">0 top, 1 bottom.</param>
/// <param name="IsMirrored">Left-right.</param>
/// <param name="IsResizedLarger">Whether the picture is resized so that the crop leaves something out.</param>
internal readonly record struct ImageView(double X, double Y, bool IsMirrored, bool IsResizedLarger)
{
    private static readonly (double X, double Y)[] _five = [(0.5, 0.5), (0, 0), (1, 0), (0, 1), (1, 1)];

    /// <summary>The views; the first is the evaluation transform's, except that crops of small pictures are enlarged first.</summary>
    public static IReadOnlyList<ImageView> Of(TestTimeAugmentation views) => views switch
    {
        TestTimeAugmentation.None => [new(0.5, 0.5, false, false)],
        TestTimeAugmentation.Flip => [new(0.5, 0.5, false, false), new(0.5, 0.5, true, false)],
        TestTimeAugmentation.Crops => [.. _five.Select(at => new ImageView(at.X, at.Y, false, true))],
        TestTimeAugmentation.FlipAndCrops => [.. _five.Select(at => new ImageView(at.X, at.Y, false, true)), .. _five.Select(at => new ImageView(at.X, at.Y, true, true))],
        _ => throw new ArgumentOutOfRangeException(nameof(views), views, "Not a kind of test-time augmentation."),
    };
}
