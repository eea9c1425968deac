using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Inference;

namespace Sightline.Runs;

/// <summary>Chooses and reads the pictures of a run's report.</summary>
internal sealed class ReportPictures(ImageDataset data, IReadOnlyList<Example> split, Predictions predictions)
{
    private const int MistakesShown = 36;
    private const int PairsShown = 4;
    private const int PicturesOfPair = 3;
    private const int WrongExplained = 6;
    private const int RightExplained = 4;
    private const int ThumbnailSide = 112;

    private readonly IReadOnlyList<Mistake> _all = Mistake.Worst(predictions, int.MaxValue);

    /// <summary>The mistakes with the highest loss.</summary>
    public IReadOnlyList<RunReportMistake> Worst() => [.. _all.Take(MistakesShown).Select(Shown)];

    /// <summary>The pairs confused most, each with its worst mistakes.</summary>
    public IReadOnlyList<RunReportPair> Pairs(EvaluationResult evaluation) => [.. ConfusedPair.Of(evaluation).Take(PairsShown).Select(pair => new RunReportPair(
        pair,
        [.. _all.Where(mistake => mistake.TrueClass == pair.TrueClass && mistake.PredictedClass == pair.PredictedClass).Take(PicturesOfPair).Select(Shown)]))];

    /// <summary>
    /// What spoke for which class: the worst mistakes of different pairs of classes, and some right answers, each of another class. Empty where a picture
    /// cannot be read any more.
    /// </summary>
    public IReadOnlyList<RunReportExplanation> Explanations(HeatPictures heat)
    {
        var wrong = _all.DistinctBy(mistake => (mistake.TrueClass, mistake.PredictedClass)).Take(WrongExplained).ToList();
        var right = Right().Take(RightExplained).ToList();
        try
        {
            var labels = predictions.Classes.Select((name, label) => (name, label)).ToDictionary(pair => pair.name, pair => pair.label);
            var shown = heat.Of(data.Images, [.. wrong.Select(mistake => At(mistake.Position, labels[mistake.PredictedClass])), .. right.Select(i => At(i.Position, i.Label))]);
            var missed = heat.Of(data.Images, [.. wrong.Select(mistake => At(mistake.Position, labels[mistake.TrueClass]))]);
            return
            [
                .. wrong.Select((mistake, i) => new RunReportExplanation(
                    mistake.Name, mistake.TrueClass, mistake.PredictedClass, mistake.Probability, shown[i].Picture, shown[i].Heat, missed[i].Heat)),
                .. right.Select((answer, i) => new RunReportExplanation(
                    predictions.Names[answer.Position], predictions.Classes[answer.Label], predictions.Classes[answer.Label], answer.Probability,
                    shown[wrong.Count + i].Picture, shown[wrong.Count + i].Heat, null)),
            ];
        }
        catch (DataException)
        {
            return [];
        }
    }

    private Example At(int position, int label) => new(split[position].Index, label);

    // The first right answer of each class, so that the choice flatters nothing.
    private IEnumerable<(int Position, int Label, double Probability)> Right()
    {
        var scores = Score.All(predictions);
        return Enumerable.Range(0, scores.Length)
            .Where(i => scores[i].Predicted == predictions.Labels[i])
            .DistinctBy(i => predictions.Labels[i])
            .Select(i => (i, predictions.Labels[i], scores[i].Confidence));
    }

    private RunReportMistake Shown(Mistake mistake) => new(mistake, Thumbnail(split[mistake.Position]));

    // The gallery does without a picture that can no longer be read.
    private PixelImage? Thumbnail(Example example)
    {
        try
        {
            return data.Images.Decode(example.Index, ThumbnailSide);
        }
        catch (DataException)
        {
            return null;
        }
    }
}
