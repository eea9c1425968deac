using Sightline.Data;
using static TorchSharp.torch;

namespace Sightline.Inference;

/// <summary>Pictures as the model got them, and the same with the heat of a class on them.</summary>
internal sealed class HeatPictures(nn.Module<Tensor, Tensor> model, ModelInput input, Preprocessing preprocessing)
{
    private const int BatchSize = 8;

    /// <summary>One pair for each example.</summary>
    /// <param name="images">Where the pictures are.</param>
    /// <param name="examples">The pictures; their label is the class asked about.</param>
    /// <exception cref="DataException">A picture cannot be decoded.</exception>
    public IReadOnlyList<(PixelImage Picture, PixelImage Heat)> Of(IImageSource images, IReadOnlyList<Example> examples)
    {
        if (examples.Count == 0)
        {
            return [];
        }

        var result = new List<(PixelImage, PixelImage)>();
        var cam = new GradCam(model);
        using var loader = new BatchLoader(images, examples, preprocessing, null, new LoaderOptions { BatchSize = Math.Min(BatchSize, examples.Count), CacheBytes = 0, Workers = 1 });
        foreach (var batch in loader.Epoch(0))
        {
            using (batch)
            using (NewDisposeScope())
            {
                var maps = cam.Maps(input.Images(batch), [.. batch.Labels.Take(batch.Count).Select(label => (int)label)]);
                var bytes = batch.Size * batch.Size * 3;
                for (var i = 0; i < batch.Count; i++)
                {
                    var pixels = batch.Pixels.AsSpan(i * bytes, bytes).ToArray();
                    result.Add((new PixelImage(pixels, batch.Size, batch.Size), HeatOverlay.Blend(pixels, maps[i], batch.Size)));
                }
            }
        }

        return result;
    }
}
