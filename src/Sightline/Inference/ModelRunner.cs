using Sightline.Data;
using Sightline.Evaluation;
using static TorchSharp.torch;

namespace Sightline.Inference;

/// <summary>Runs a model over a whole split without gradients.</summary>
internal static class ModelRunner
{
    /// <summary>Logits of every picture, in the order of the examples. The model is left in evaluation mode.</summary>
    /// <param name="parts">Into how many parts a batch is divided on its way through the model, to need less memory.</param>
    /// <param name="between">Called after each batch; null calls nothing.</param>
    public static Predictions Predict(
        nn.Module<Tensor, Tensor> model, ModelInput input, IReadOnlyList<string> classNames, IImageSource images, IReadOnlyList<Example> examples,
        BatchLoader loader, CancellationToken cancel, int parts = 1, Action? between = null)
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
                var output = Logits(model, input.Images(batch), Math.Min(parts, batch.Count));
                output.data<float>().CopyTo(logits, filled * classes, 0);
                for (var i = 0; i < batch.Count; i++)
                {
                    labels[filled + i] = (int)batch.Labels[i];
                }

                filled += batch.Count;
            }

            between?.Invoke();
        }

        return new Predictions
        {
            Classes = classNames,
            Logits = logits,
            Labels = labels,
            Names = examples.Select(example => images.Name(example.Index)).ToList(),
        };
    }

    private static Tensor Logits(nn.Module<Tensor, Tensor> model, Tensor images, int parts)
    {
        var outputs = new List<Tensor>();
        foreach (var part in images.tensor_split(parts))
        {
            using var scope = NewDisposeScope();
            outputs.Add(model.call(part).cpu().contiguous().MoveToOuterDisposeScope());
        }

        return outputs.Count == 1 ? outputs[0] : cat(outputs);
    }
}
