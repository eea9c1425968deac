using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Models;
using Sightline.Native;
using Sightline.Weights;
using static TorchSharp.torch;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline model run NAME</c>: logits for a batch, so that anyone can compare with another framework.</summary>
internal static class ModelRunCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "A name of 'sightline model list'." };
        var weights = new Option<string>("--weights") { Description = "Weights: safetensors, or a .pth file of torchvision.", HelpName = "FILE", Required = true };
        var input = new Option<string>("--input") { Description = "Batch of pictures: float32 [N,3,H,W], normalised.", HelpName = "FILE.npy", Required = true };
        var output = new Option<string>("--output") { Description = "Where the logits go: float32 [N,classes].", HelpName = "FILE.npy", Required = true };
        var command = new Command("run", "Run a model on a prepared batch and write its logits.") { name, weights, input, output };
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var variant = ModelCatalog.Find(arguments.GetRequiredValue(name));
            var target = arguments.GetRequiredValue(output);
            NativeRuntime.EnsureLoaded();
            using var scope = NewDisposeScope();
            using var inference = inference_mode();
            using var file = WeightsFile.Read(arguments.GetRequiredValue(weights));
            var classes = WeightsLoader.CountClasses(variant, file);
            var channels = WeightsLoader.CountChannels(variant, file);
            using var model = variant.Create(classes, channels: channels);
            WeightsLoader.Load(model, file);
            model.eval();
            var batch = Batch(arguments.GetRequiredValue(input), channels);
            var logits = model.call(batch);
            NumpyFile.Write(target, logits);
            var shape = logits.shape;
            invocation.Result(new { variant.Name, Classes = classes, Shape = shape, Output = Path.GetFullPath(target) },
                text => text.WriteLine($"Logits of {shape[0]} pictures and {shape[1]} classes are in {target}."));
        });
    }

    private static Tensor Batch(string path, int channels)
    {
        var batch = NumpyFile.Read(path);
        return batch.dtype == ScalarType.Float32 && batch.dim() == 4 && batch.shape[0] > 0 && batch.shape[1] == channels
            ? batch
            : throw new DataException($"'{path}' is {batch.dtype} [{string.Join(",", batch.shape)}]; it must be Float32 [N,{channels},H,W] with N of at least 1.");
    }
}
