using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>A batch norm's parameters, buffers and output shape on the meta device, where LibTorch itself has no batch norm.</summary>
internal sealed class ShapeNorm : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly Tensor running_mean;
    private readonly Tensor running_var;
    private readonly Tensor num_batches_tracked;

    public ShapeNorm(int channels)
        : base(nameof(ShapeNorm))
    {
        weight = nn.Parameter(empty([channels], device: META));
        bias = nn.Parameter(empty([channels], device: META));
        running_mean = empty([channels], device: META);
        running_var = empty([channels], device: META);
        num_batches_tracked = empty([], int64, META);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => empty_like(x);
}
