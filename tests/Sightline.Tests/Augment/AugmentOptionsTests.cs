using Sightline.Augment;
using Xunit;

namespace Sightline.Tests.Augment;

public class AugmentOptionsTests
{
    [Fact]
    public void Default_is_sound() => Assert.Empty(new AugmentOptions().Check());

    [Theory]
    [InlineData(28, null, null, 3, 1.0)]
    [InlineData(64, null, null, 8, 1.0)]
    [InlineData(224, null, null, 0, 0.35)]
    [InlineData(28, 0, null, 0, 1.0)]
    [InlineData(28, null, 0.5, 0, 0.5)]
    [InlineData(28, 2, null, 2, 1.0)]
    [InlineData(224, 8, null, 8, 1.0)]
    [InlineData(224, null, 1.0, 0, 1.0)]
    public void For_chooses_by_size_what_was_not_set(int size, int? padCrop, double? area, int expectedPad, double expectedArea)
    {
        var chosen = new AugmentOptions { PadCrop = padCrop, MinimumCropArea = area }.For(size);

        Assert.Equal(expectedPad, chosen.PadCrop);
        Assert.Equal(expectedArea, chosen.MinimumCropArea);
        Assert.Equal(chosen, chosen.For(size));
    }

    [Fact]
    public void None_switches_flip_and_crops_off()
    {
        var chosen = new AugmentOptions { Policy = AugmentPolicy.None }.For(224);

        Assert.False(chosen.HorizontalFlip);
        Assert.Equal((0, 1.0), (chosen.PadCrop, chosen.MinimumCropArea));
    }

    [Fact]
    public void Check_names_the_operator_and_what_is_allowed()
    {
        var options = new AugmentOptions { Operators = [new OperatorStep { Operator = "shear", Probability = 1.5, Strength = 0 }] };

        Assert.Equal(
            [
                $"There is no operator 'shear'. Did you mean 'shearX' or 'shearY'? There are: {string.Join(", ", OperatorCatalog.All.Select(known => known.Name))}.",
                "Probability of 'shear' is 1.5; it must be above 0 and at most 1. Leave the operator out to switch it off.",
                "Strength of 'shear' is 0; it must be above 0 and at most 1. Leave the operator out to switch it off.",
            ],
            options.Check());
    }

    [Fact]
    public void Check_refuses_none_together_with_changes()
    {
        var problem = Assert.Single(new AugmentOptions { Policy = AugmentPolicy.None, MixupAlpha = 0.2 }.Check());

        Assert.Equal("Policy is None, and operators, erasing, MixUp or CutMix are set as well. Pass --augment basic, or leave those out.", problem);
    }

    [Fact]
    public void Check_finds_every_value_out_of_range()
    {
        var options = new AugmentOptions
        {
            MinimumCropArea = 0.01, CropAspect = 9, PadCrop = -1, RandMagnitude = 31, AugmixWidth = 0, ErasingProbability = 2, CutmixAlpha = -1, MixingOffEpochs = -1,
        };

        Assert.Equal(8, options.Check().Count());
    }
}
