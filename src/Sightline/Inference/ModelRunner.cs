using Sightline.Data;
using Sightline.Evaluation;
using static TorchSharp.torch;

namespace Sightline.Inference;

/// <summary>Runs a model over a whole split without gradients.</summary>
internal static class ModelRunner
{
    /// <summary>Logits of every picture, in the order of the examples. The model is left in evaluation mode.</summary>
    public static Predictions Predict(
        nn.Module<Tensor, Tensor> model, ModelInput input, ImageDataset data, IReadOnlyList<Example> examples, BatchLoader loader, CancellationToken cancel)
    {
        var classes = data.Classes.Count;
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
            Classes = data.Classes,
            Logits = logits,
            Labels = labels,
            Names = examples.Select(example => data.Images.Name(example.Index)).ToList(),
        };
    }
}
