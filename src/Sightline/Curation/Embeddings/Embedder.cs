using Sightline.Data;
using Sightline.Inference;

namespace Sightline.Curation.Embeddings;

/// <summary>Turns pictures into vectors with a trained model.</summary>
public static class Embedder
{
    /// <summary>The penultimate layer of a run's best weights for each picture, in evaluation mode and the run's own preprocessing.</summary>
    /// <param name="runFolder">The run.</param>
    /// <param name="images">The pictures.</param>
    /// <param name="indices">Which of them, in the order of the result's rows; at least one.</param>
    /// <param name="progress">Told the share done, 0..1, on the calling thread; null for silence.</param>
    /// <param name="cancel">Stops after the current batch.</param>
    /// <returns>float32 [N,D]: the input of the model's last linear layer, not normalised.</returns>
    /// <exception cref="NotFoundException">There is no such run, or it has no weights yet.</exception>
    /// <exception cref="DataException">A picture cannot be decoded, or a vector is not finite.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static EmbeddingMatrix Run(
        string runFolder, IImageSource images, IReadOnlyList<int> indices, IProgress<double>? progress, CancellationToken cancel)
    {
        using var classifier = Classifier.Load(runFolder);
        return classifier.Embed(images, [.. indices.Select(index => new Example(index, 0))], progress, cancel).Embeddings;
    }
}
