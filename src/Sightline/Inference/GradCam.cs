using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Inference;

/// <summary>Where in a picture a model finds a class: Grad-CAM (Selvaraju et al. 2017, section 3).</summary>
/// <remarks>
/// Every family of the catalogue pools its last convolution stage by one global average, so the maps it weighs are that layer's input. The network up to
/// there runs without gradients, and only the head behind it is differentiated.
/// </remarks>
internal sealed class GradCam(nn.Module<Tensor, Tensor> model)
{
    /// <summary>One map for each picture.</summary>
    /// <param name="images">float32 [N,3,S,S], as the model takes them.</param>
    /// <param name="classes">The class asked about for each picture, [N].</param>
    /// <returns>
    /// [N][S x S], 0..1: the positive part of the maps' sum, each map weighted by its mean gradient of the class's logit; scaled so that the largest value
    /// is 1, then resized bilinearly. All 0 where nothing speaks for the class.
    /// </returns>
    public float[][] Maps(Tensor images, IReadOnlyList<int> classes)
    {
        using var scope = NewDisposeScope();
        var (maps, gradients) = Run(images, classes);
        using var noGrad = no_grad();
        var weights = gradients.mean([2, 3], keepdim: true);
        var heat = (weights * maps).sum(1, keepdim: true).relu();
        var largest = heat.amax([1, 2, 3], keepdim: true);
        heat = heat / largest.clamp(min: 1e-30);
        var sized = nn.functional.interpolate(heat, [images.shape[2], images.shape[3]], mode: InterpolationMode.Bilinear, align_corners: false)
            .to(ScalarType.Float32).cpu().contiguous();
        var values = sized.data<float>().ToArray();
        var each = values.Length / classes.Count;
        return [.. Enumerable.Range(0, classes.Count).Select(i => values[(i * each)..((i + 1) * each)])];
    }

    // [N,C,h,w] each, of the current scope. The model is left in evaluation mode, its parameters' gradients are untouched.
    private (Tensor Maps, Tensor Gradients) Run(Tensor images, IReadOnlyList<int> classes)
    {
        model.eval();
        Tensor? maps = null;
        IDisposable? gradMode = null;
        var pooling = model.modules().OfType<AdaptiveAvgPool2d>().Last();
        var hook = pooling.register_forward_pre_hook((_, input) =>
        {
            gradMode = enable_grad();
            return maps = input.detach().requires_grad_(true);
        });

        // Before the try block: the modes are put back in the reverse order of their setting.
        using var noGrad = no_grad();
        try
        {
            var logits = model.call(images);
            var asked = tensor(classes.Select(label => (long)label).ToArray(), device: logits.device).unsqueeze(1);
            var gradients = autograd.grad([logits.gather(1, asked).sum()], [maps ?? throw new InvalidOperationException("The model did not pool its last stage.")]);
            return (maps, gradients[0]);
        }
        finally
        {
            gradMode?.Dispose();
            hook.remove();
        }
    }
}
