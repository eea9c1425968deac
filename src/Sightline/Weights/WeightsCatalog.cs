using Sightline.Data;
using Sightline.Models;

namespace Sightline.Weights;

/// <summary>All published weights that <c>sightline model pull</c> knows.</summary>
/// <remarks>
/// Names of files, top-1 and crops: torchvision 0.14.1, the Weights metadata of torchvision/models/*.py. The EfficientNet files b0 and b2 to
/// b7 were saved again in 2023 and have other hashes than 0.14.1 says: pytorch/vision issue #7744 lists the full ones. Full hashes of the
/// others: where several public projects that pin these files agree. timm: the release addresses in timm/models/*.py; top-1 of
/// results/results-imagenet.csv and of the model index in docs.
/// </remarks>
public static class WeightsCatalog
{
    private const string TorchvisionHost = "https://download.pytorch.org/models/";
    private const string TimmReleases = "https://github.com/huggingface/pytorch-image-models/releases/download/";

    /// <summary>The name that stands for a model's own published weights in <c>TrainOptions.Pretrained</c>.</summary>
    public const string Default = "default";

    /// <summary>All, in the order of the models.</summary>
    public static IReadOnlyList<PublishedWeights> All { get; } = Sorted(
        First("resnet18", "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec", "resnet18-f37072fd"),
        First("resnet34", "b627a593", "resnet34-b627a593"),
        First("resnet50", "0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a", "resnet50-0676ba61"),
        First("resnet101", "63fe2227", "resnet101-63fe2227"),
        First("resnet152", "394f9c45", "resnet152-394f9c45"),
        First("resnext50_32x4d", "7cdf4587", "resnext50_32x4d-7cdf4587"),
        First("densenet121", "a639ec97d7c33b07ae66f0b5fb7d0192f95a3b11b7576c66c0126c2a727c4395", "densenet121-a639ec97"),
        First("densenet161", "8d451a50", "densenet161-8d451a50"),
        First("densenet169", "b2777c0a", "densenet169-b2777c0a"),
        First("densenet201", "c1103571", "densenet201-c1103571"),
        First("efficientnet_b0", "7f5810bc96def8f7552d5b7e68d53c4786f81167d28291b21c0d90e1fca14934", "efficientnet_b0_rwightman-7f5810bc"),
        First("efficientnet_b1", "533bc792", "efficientnet_b1_rwightman-533bc792"),
        First("efficientnet_b2", "c35c147384e385a5bab5a8eabdabbe5a3df0487ee4a554108626ae474a5bf755", "efficientnet_b2_rwightman-c35c1473"),
        First("efficientnet_b3", "b3899882250c22946d0229d266049fcd133c169233530b36b9ffa7983988362f", "efficientnet_b3_rwightman-b3899882"),
        First("efficientnet_b4", "23ab8bcd5bdbef61a7a43b91adcad81f622fd7f36fb4935a569828d77888c44e", "efficientnet_b4_rwightman-23ab8bcd"),
        First("efficientnet_b5", "1a07897c0d357db7981640f6be44a63420f11deb932344a69768b62ebe272946", "efficientnet_b5_lukemelas-1a07897c"),
        First("efficientnet_b6", "24a108a596a00ad522bdfb9a2d98a9bd31819dfd7e37dd96bad6bb5bc00d6015", "efficientnet_b6_lukemelas-24a108a5"),
        First("efficientnet_b7", "c5b4e57e0da1a10bb4f8a5b410dd3b7b6e7461f9b757209be29409707c3d87dd", "efficientnet_b7_lukemelas-c5b4e57e"),
        First("efficientnet_v2_s", "dd5fe13b", "efficientnet_v2_s-dd5fe13b"),
        First("efficientnet_v2_m", "dc08266a", "efficientnet_v2_m-dc08266a"),
        First("efficientnet_v2_l", "59c71312", "efficientnet_v2_l-59c71312"),
        First("mobilenet_v3_small", "047dcff4", "mobilenet_v3_small-047dcff4"),
        First("mobilenet_v3_large", "8738ca79", "mobilenet_v3_large-8738ca79"),
        First("convnext_tiny", "983f1562536e84ff750a1576fb08e54de751dbf2e17c0d8a4a13704341fdcd3d", "convnext_tiny-983f1562"),
        First("convnext_small", "0c510722", "convnext_small-0c510722"),
        First("convnext_base", "6075fbad", "convnext_base-6075fbad"),
        Second("resnet50", "11ad3fa6", 80.858),
        Second("resnet101", "cd907fc2", 81.886),
        Second("resnet152", "f82ba261", 82.284),
        Second("resnext50_32x4d", "1a0047aa", 81.198),
        Second("efficientnet_b1", "c27df63c", 79.838),
        Second("mobilenet_v3_large", "5c1a4163", 75.274),
        Timm("resnet18", "a1_in1k", "d63eafa07a6e32a39d328e364f8c9f89d671444ecc7f02aa0f7eb8882af3dd29", "v0.1-rsb-weights/resnet18_a1_0-d63eafa0", 71.504, 224),
        Timm("resnet50", "a1_in1k", "14fe96d1", "v0.1-rsb-weights/resnet50_a1_0-14fe96d1", 81.240, 288),
        Timm("densenet121", "ra_in1k", "50efcf5c", "v0.1-weights/densenet121_ra-50efcf5c", 75.574, 224),
        Timm("efficientnet_b0", "ra_in1k", "3dd342dfa1fee25ae65e7bbdf8998cad6e45d6e77e69d580f0bd14d3eeb0b3f3", "v0.1-weights/efficientnet_b0_ra-3dd342df", 77.71, 224),
        Timm("mobilenet_v3_large", "ra_in1k", "f55367f56f62fa6115a03033835fd60ef3094a1e0fdce6f38a5c97cbab27295f", "v0.1-weights/mobilenetv3_large_100_ra-f55367f5", null, 224),
        Timm("mobilenet_v3_small", "lamb_in1k", "266a294cbf3d119000a760bf5664a4d80a9674d0616b5cc0836b093d20c38249", "v0.1-weights/mobilenetv3_small_100_lamb-266a294c", null, 224));

    /// <summary>The published weights of a model, its own first.</summary>
    /// <param name="model">Catalogue name.</param>
    public static IReadOnlyList<PublishedWeights> Of(string model) => [.. All.Where(weights => weights.Model == model)];

    /// <summary>The weights of a name; letter case does not matter.</summary>
    /// <param name="name">A name of <see cref="All"/>; a model's name stands for its own weights.</param>
    /// <exception cref="SettingsException">There are none of this name; the message offers the nearest.</exception>
    public static PublishedWeights Find(string name)
    {
        if (All.FirstOrDefault(weights => weights.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return found;
        }

        var isModel = ModelCatalog.All.Any(variant => variant.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        throw new SettingsException(isModel
            ? $"Nobody has published weights for '{name}'. Train it first and pass --weights, or take a model with weights: 'sightline model list' shows them."
            : $"There are no published weights '{name}'.{NearestNames.Suggest(name, All.Select(weights => weights.Name))} 'sightline model list' shows all {All.Count}.");
    }

    /// <summary>The weights that a run starts from; null where it asks for none.</summary>
    /// <param name="pretrained">A name, or <see cref="Default"/>; null: none.</param>
    /// <param name="model">The model that was asked for; null takes the weights' own, or resnet18.</param>
    /// <exception cref="SettingsException">There are none of this name, or they are for another model.</exception>
    internal static PublishedWeights? Chosen(string? pretrained, string? model)
    {
        if (pretrained is null)
        {
            return null;
        }

        var weights = Find(pretrained.Equals(Default, StringComparison.OrdinalIgnoreCase) ? model ?? "resnet18" : pretrained);
        return model is null || weights.Model.Equals(model, StringComparison.OrdinalIgnoreCase) ? weights : throw new SettingsException(
            $"Pretrained is '{weights.Name}', which are weights of {weights.Model}, and the model is {model}. Pass --model {weights.Model}, or --pretrained alone.");
    }

    private static List<PublishedWeights> Sorted(params PublishedWeights[] rows) =>
        [.. ModelCatalog.All.SelectMany(variant => rows.Where(row => row.Model == variant.Name))];

    private static PublishedWeights First(string model, string sha256, string file)
    {
        var variant = ModelCatalog.Find(model);
        return Torchvision(model, sha256, file, variant.Top1, variant.Preprocessing);
    }

    private static PublishedWeights Second(string model, string sha256, double top1)
    {
        var published = ModelCatalog.Find(model).Preprocessing;
        var resize = model == "efficientnet_b1" ? 255 : 232;
        return Torchvision(model, sha256, $"{model}-{sha256}", top1, published with { ResizeSize = resize, Interpolation = Interpolation.Bilinear }) with { Name = model + ".v2" };
    }

    private static PublishedWeights Torchvision(string model, string sha256, string file, double? top1, Preprocessing preprocessing) => new()
    {
        Name = model,
        Model = model,
        Source = "torchvision",
        Address = new Uri($"{TorchvisionHost}{file}.pth"),
        Sha256 = sha256,
        Top1 = top1,
        Top1Size = preprocessing.CropSize,
        Licence = "BSD-3-Clause",
        Preprocessing = preprocessing,
    };

    // timm's default: bicubic, the crop 0.875 of the resized picture; 0.95 for the "a" recipes.
    private static PublishedWeights Timm(string model, string tag, string sha256, string file, double? top1, int size) => new()
    {
        Name = $"{model}.{tag}",
        Model = model,
        Source = "timm",
        Address = new Uri($"{TimmReleases}{file}.pth"),
        Sha256 = sha256,
        Top1 = top1,
        Top1Size = size,
        Licence = "Apache-2.0",
        Preprocessing = ModelCatalog.Find(model).Preprocessing with
        {
            CropSize = 224,
            ResizeSize = tag.StartsWith('a') ? 236 : 256,
            Interpolation = Interpolation.Bicubic,
        },
    };
}
