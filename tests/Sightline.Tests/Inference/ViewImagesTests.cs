using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Inference;
using Xunit;

namespace Sightline.Tests.Inference;

public class ViewImagesTests
{
    private static readonly Preprocessing Large = new() { CropSize = 8, ResizeSize = 12 };

    [Fact]
    public void Centre_view_is_the_evaluation_transform()
    {
        var images = new GradientImages(30, 21);
        var expected = new byte[8 * 8 * 3];
        new SampleTransform(Large, null).Prepare(images.Decode(0, 0).Pixels, 30, 21, expected);

        var actual = new ViewImages(images, Large, ImageView.Of(TestTimeAugmentation.None)[0]).Decode(0, 0);

        Assert.Equal(expected, actual.Pixels);
    }

    [Fact]
    public void Ten_views_are_five_crops_and_their_mirror_images()
    {
        var images = new GradientImages(30, 21);

        var views = ImageView.Of(TestTimeAugmentation.FlipAndCrops).Select(view => new ViewImages(images, Large, view).Decode(0, 0).Pixels).ToList();

        Assert.Equal(10, views.Select(Convert.ToHexString).Distinct().Count());
        // Red rises to the right, green downwards: the corners show it.
        Assert.True(views[1][0] < views[2][0] && views[1][1] < views[3][1]);
        Assert.Equal(views[1][..3], views[6][(7 * 3)..(8 * 3)]);
    }

    [Fact]
    public void Crops_of_small_pictures_are_not_all_the_same()
    {
        var small = new Preprocessing { CropSize = 28, ResizeSize = 28 };
        var images = new GradientImages(28, 28);

        var views = ImageView.Of(TestTimeAugmentation.Crops).Select(view => new ViewImages(images, small, view).Decode(0, 0).Pixels).ToList();

        Assert.Equal(5, views.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void Mean_of_views_is_the_mean_of_probabilities()
    {
        var one = new Predictions { Classes = ["a", "b"], Logits = [MathF.Log(0.9f), MathF.Log(0.1f)], Labels = [0], Names = ["x"] };
        var other = one with { Logits = [MathF.Log(0.3f) + 5, MathF.Log(0.7f) + 5] };

        var mean = MeanPredictions.Of([one, other]);

        Assert.Equal(0.6, Math.Exp(mean.Logits[0]), 6);
        Assert.Equal(0.4, Math.Exp(mean.Logits[1]), 6);
    }

    private sealed class GradientImages(int width, int height) : IImageSource
    {
        public int Count => 1;

        public string Name(int index) => "gradient";

        public PixelImage Decode(int index, int shortSide)
        {
            var pixels = new byte[width * height * 3];
            for (var i = 0; i < width * height; i++)
            {
                pixels[i * 3] = (byte)(255 * (i % width) / width);
                pixels[(i * 3) + 1] = (byte)(255 * (i / width) / height);
            }

            return new PixelImage(pixels, width, height);
        }
    }
}
