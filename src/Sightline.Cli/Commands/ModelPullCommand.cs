using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Weights;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline model pull NAME</c>: published weights into the user's cache, checked.</summary>
internal static class ModelPullCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "Weights of 'sightline model list'; a model's name stands for its own." };
        var mirror = new Option<string?>("--mirror")
        {
            Description = $"Address or folder that holds the files under their published names; the variable {WeightsPullOptions.MirrorVariable} sets a default.",
            HelpName = "URL",
        };
        var file = new Option<string?>("--file") { Description = "Take this file instead of fetching one; it must have the known SHA-256.", HelpName = "FILE" };
        var command = new Command("pull", "Fetch published weights once, check their SHA-256, and keep them for --pretrained.") { name, mirror, file };
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var weights = WeightsCatalog.Find(arguments.GetRequiredValue(name));
            var defaults = new WeightsPullOptions();
            var options = defaults with { Mirror = arguments.GetValue(mirror) ?? defaults.Mirror, File = arguments.GetValue(file) };
            var cached = WeightsPull.Run(weights, options, invocation);
            var document = new
            {
                weights.Name,
                weights.Model,
                weights.Source,
                weights.Licence,
                weights.Top1,
                Address = weights.Address.AbsoluteUri,
                cached.Path,
                cached.Sha256,
                IsFullyPinned = weights.IsFullyPinned,
                Bytes = new FileInfo(cached.Path).Length,
                cached.WasFetched,
            };
            invocation.Result(document, text =>
            {
                text.WriteLine($"Weights   {weights.Name}, for {weights.Model} ({weights.Source}, {weights.Licence})");
                text.WriteLine($"File      {cached.Path}, {Readable.Bytes(document.Bytes)}{(cached.WasFetched ? "" : ", was here already")}");
                text.WriteLine($"SHA-256   {cached.Sha256}{(weights.IsFullyPinned ? "" : ": the first 8 digits are the publisher's, the rest was noted at the first sight of the file")}");
                text.WriteLine();
                text.WriteLine("Next:");
                text.WriteLine($"  sightline train DATA --model {weights.Model} {(weights.Name == weights.Model ? "--pretrained" : $"--set pretrained={weights.Name}")}");
            });
        });
    }
}
