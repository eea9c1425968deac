using Sightline.Inference;

namespace Sightline.Evaluation.Audit;

/// <summary>What a model says of pictures: logits and the vectors before its last linear layer, row for row.</summary>
internal sealed record AuditAnswers(Predictions Predictions, EmbeddingMatrix Embeddings)
{
    /// <summary>The class of each picture; the first of equals, as the metrics count.</summary>
    public int[] Classes { get; } = [.. Enumerable.Range(0, Predictions.Labels.Length).Select(Predictions.Predicted)];

    /// <summary>Share of right answers, 0..1.</summary>
    public double Accuracy => Classes.Zip(Predictions.Labels).Count(pair => pair.First == pair.Second) / (double)Classes.Length;

    /// <summary>Euclidean distance of one picture's vector here to another's there.</summary>
    public double Distance(int row, AuditAnswers other, int otherRow)
    {
        var a = Embeddings.Row(row);
        var b = other.Embeddings.Row(otherRow);
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += Math.Pow(a[i] - (double)b[i], 2);
        }

        return Math.Sqrt(sum);
    }
}
