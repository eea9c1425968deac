namespace Sightline.Evaluation;

/// <summary>One class taken for another.</summary>
/// <param name="TrueClass">What the pictures are.</param>
/// <param name="PredictedClass">What they are taken for.</param>
/// <param name="Count">How many; at least 1.</param>
/// <param name="Share">Share of the true class's pictures, 0..1.</param>
public sealed record ConfusedPair(string TrueClass, string PredictedClass, int Count, double Share)
{
    /// <summary>All pairs that occur, most often first; equal ones in the order of the labels.</summary>
    /// <param name="result">Figures of a set.</param>
    public static IReadOnlyList<ConfusedPair> Of(EvaluationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return [.. result.Confusion
            .SelectMany((row, truth) => row.Select((count, predicted) => (Truth: truth, Predicted: predicted, Count: count)))
            .Where(cell => cell.Truth != cell.Predicted && cell.Count > 0)
            .OrderByDescending(cell => cell.Count)
            .Select(cell => new ConfusedPair(
                result.PerClass[cell.Truth].Name, result.PerClass[cell.Predicted].Name, cell.Count, (double)cell.Count / result.PerClass[cell.Truth].Support))];
    }
}
