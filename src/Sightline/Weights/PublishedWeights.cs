using Sightline.Data;

namespace Sightline.Weights;

/// <summary>One file of weights that others have published, for a model of the catalogue.</summary>
public sealed record PublishedWeights
{
    /// <summary>The model's name for torchvision's first weights (<c>resnet50</c>); else with what tells them apart (<c>resnet50.v2</c>, <c>resnet50.a1_in1k</c>).</summary>
    public required string Name { get; init; }

    /// <summary>Catalogue name of the model that they fit.</summary>
    public required string Model { get; init; }

    /// <summary>Who published them: <c>torchvision</c> or <c>timm</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Where the file lies; always https.</summary>
    public required Uri Address { get; init; }

    /// <summary>
    /// SHA-256 of the file in lower-case hexadecimal: all 64 digits where they are known, else the first 8, which the publisher put into the
    /// file's name (torch.hub checks the same ones).
    /// </summary>
    public required string Sha256 { get; init; }

    /// <summary>The publisher's ImageNet top-1 in percent; null where no figure with a source is at hand.</summary>
    public double? Top1 { get; init; }

    /// <summary>Side in pixels at which <see cref="Top1"/> was measured.</summary>
    public required int Top1Size { get; init; }

    /// <summary>Licence of the publisher's files. The pictures they were trained on (ImageNet) have terms of their own.</summary>
    public required string Licence { get; init; }

    /// <summary>The input that the weights were made for.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>The file's name, as published.</summary>
    public string FileName => Path.GetFileName(Address.LocalPath);

    /// <summary>Whether all 64 digits of the hash are known beforehand.</summary>
    public bool IsFullyPinned => Sha256.Length == 64;
}
