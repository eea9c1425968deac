using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Models;
using Sightline.Weights;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline model show NAME</c>.</summary>
internal static class ModelShowCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "A name of 'sightline model list'." };
        var size = new Option<int?>("--size") { Description = "Side of the input in pixels. Default: the published crop.", HelpName = "N" };
        var classes = new Option<int>("--classes") { Description = "Number of classes.", HelpName = "N", DefaultValueFactory = _ => 1000 };
        var batch = new Option<int>("--batch") { Description = "Pictures per step, for the memory figures.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var command = new Command("show", "What a model costs: parameters, multiply-accumulates, activations, memory.") { name, size, classes, batch };
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var variant = ModelCatalog.Find(arguments.GetRequiredValue(name));
            var profile = ModelProfile.Measure(variant, arguments.GetValue(size), arguments.GetValue(classes), arguments.GetValue(batch));
            var isPublishedForm = profile.Classes == 1000 && profile.Size == variant.Preprocessing.CropSize;
            var published = WeightsCatalog.Of(variant.Name).Select(weights => weights.Name).ToList();
            var document = new
            {
                profile.Name,
                variant.Family,
                profile.Size,
                profile.Classes,
                profile.Batch,
                profile.Parameters,
                profile.StateKeys,
                profile.Macs,
                profile.Activations,
                variant.Top1,
                profile.WeightBytes,
                profile.InferenceBytes,
                TrainingBytes = profile.TrainingBytes(),
                Weights = published,
            };
            invocation.Result(document, text =>
            {
                text.WriteLine($"{variant.Name} ({variant.Family}), {profile.Classes} classes, {profile.Size} x {profile.Size} pixels, batch {profile.Batch}");
                text.WriteLine($"Parameters            {profile.Parameters:N0} in {profile.ParameterTensors} tensors; {profile.StateKeys} state keys");
                text.WriteLine($"Multiply-accumulates  {profile.Macs:N0} per picture");
                text.WriteLine($"Activations           {profile.Activations:N0} per picture");
                text.WriteLine($"Weights               {Readable.Bytes(profile.WeightBytes)}");
                text.WriteLine($"Memory, prediction    about {Readable.Bytes(profile.InferenceBytes)}");
                text.WriteLine($"Memory, training      about {Readable.Bytes(profile.TrainingBytes())} with SGD and momentum");
                if (variant.Top1 is { } top1)
                {
                    text.WriteLine($"Published top-1       {top1:0.000} % (torchvision, ImageNet{(isPublishedForm ? "" : $", 1000 classes at {variant.Preprocessing.CropSize} pixels")})");
                }

                if (published.Count > 0)
                {
                    text.WriteLine($"Published weights     {string.Join(", ", published)}: sightline model pull NAME");
                }
            });
        });
    }
}
