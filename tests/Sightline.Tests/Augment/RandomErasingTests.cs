using Sightline.Augment;
using Sightline.Data;
using Xunit;

namespace Sightline.Tests.Augment;

public class RandomErasingTests
{
    [Fact]
    public void Rectangles_lie_inside_and_keep_area_and_aspect()
    {
        var random = new RandomStream(1);

        var boxes = Enumerable.Range(0, 2000).Select(_ => RandomErasing.Rectangle(100, 80, 0.02, 0.33, ref random)).OfType<Box>().ToList();

        Assert.True(boxes.Count > 1990, "Ten tries nearly always find a rectangle.");
        Assert.All(boxes, box => Assert.True(box.X >= 0 && box.Y >= 0 && box.X + box.Width <= 100 && box.Y + box.Height <= 80));
        // Sides are rounded, so both bounds are off by a pixel at most.
        Assert.All(boxes, box => Assert.InRange(box.Width * box.Height / 8000.0, 0.015, 0.345));
        Assert.All(boxes, box => Assert.InRange((double)box.Height / box.Width, 0.26, 3.7));
        // Uniform in area: the mean of 2 to 33 % less what does not fit at extreme aspects.
        Assert.InRange(boxes.Average(box => box.Width * box.Height / 8000.0), 0.16, 0.18);
    }

    [Fact]
    public void A_picture_of_one_pixel_has_no_rectangle()
    {
        var random = new RandomStream(1);

        Assert.Null(RandomErasing.Rectangle(1, 1, 0.33, 0.33, ref random));
    }
}
