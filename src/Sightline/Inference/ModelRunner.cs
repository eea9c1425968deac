using Sightline.Data;
using Sightline.Evaluation;
using static TorchSharp.torch;

namespace Sightline.Inference;

/// <summary>Runs a model over a whole split without gradients.</summary>
internal static class ModelRunner
{
    /// <summary>Logits of every picture, in the order of the examples. The model is left in evaluation mode.</summary>
    public static Predictions Predict(
        nn.Module<Tensor, Tensor> model, ModelInput input, IReadOnlyList<string> classNames, IImageSource images, IReadOnlyList<Example> examples,
        BatchLoader loader, CancellationToken cancel)
    {
        var classes = classNames.Count;
        var logits = new float[examples.Count * classes];
        var labels = new int[examples.Count];
        var filled = 0;
        model.eval();
        using var inference = inference_mode();
        foreach (var batch in loader.Epoch(0))
        {
            using (batch)
            using (NewDisposeScope())
            {
                cancel.ThrowIfCancellationRequested();
                var output = model.call(input.Images(batch)).cpu().contiguous();
                output.data<float>().CopyTo(logits, filled * classes, 0);
                for (var i = 0; i < batch.Count; i++)
                {
                    labels[filled + i] = (int)batch.Labels[i];
                }

                filled += batch.Count;
            }
        }

        return new Predictions
        {
            Classes = classNames,
            Logits = logits,
            Labels = labels,
            Names = examples.Select(example => images.Name(example.Index)).ToList(),
        };
    }
}
