using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Models;
using Sightline.Weights;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline model list</c>. Reads the catalogue only: LibTorch is not loaded.</summary>
internal static class ModelListCommand
{
    public static Command Create() => new Command("list", "All models: parameters, multiply-accumulates, published accuracy and weights.").Does(invocation =>
    {
        var cache = new WeightsCache(WeightsCache.DefaultFolder, TimeProvider.System);
        var rows = ModelCatalog.All.Select(variant => new
        {
            variant.Name,
            variant.Family,
            variant.Parameters,
            variant.Macs,
            variant.Top1,
            Size = variant.Preprocessing.CropSize,
            Weights = WeightsCatalog.Of(variant.Name).Select(weights => new
            {
                weights.Name,
                weights.Source,
                weights.Top1,
                weights.Top1Size,
                weights.Licence,
                Address = weights.Address.AbsoluteUri,
                weights.Sha256,
                IsHere = File.Exists(cache.PathOf(weights)),
            }).ToList(),
        }).ToList();
        invocation.Result(rows, text =>
        {
            var table = new TextTable("MODEL", "FAMILY", "PARAMETERS", "MACS", "SIZE", "TOP-1") { RightAligned = [2, 3, 4, 5] };
            foreach (var row in rows)
            {
                table.Add(row.Name, row.Family, Readable.Count(row.Parameters), Readable.Count(row.Macs), $"{row.Size}", row.Top1 is { } top1 ? $"{top1:0.000}" : "-");
            }

            table.Write(text);
            text.WriteLine();
            text.WriteLine("Parameters and multiply-accumulates with 1000 classes at the given size; top-1 is torchvision's published ImageNet figure in percent.");
            text.WriteLine();
            var published = new TextTable("WEIGHTS", "TOP-1", "SIZE", "SOURCE", "LICENCE", "HERE") { RightAligned = [1, 2] };
            foreach (var weights in rows.SelectMany(row => row.Weights))
            {
                published.Add(weights.Name, weights.Top1 is { } top1 ? $"{top1:0.000}" : "-", $"{weights.Top1Size}", weights.Source, weights.Licence, weights.IsHere ? "yes" : "-");
            }

            published.Write(text);
            text.WriteLine();
            text.WriteLine("Published weights: 'sightline model pull NAME' fetches them, 'sightline train DATA --model MODEL --pretrained' starts from them.");
        });
    });
}
