using Sightline.Data;
using Xunit;

namespace Sightline.Tests.Data;

public class FashionMnistTests
{
    private const string Folder = "/usr/share/datasets/fashion-mnist";

    [Fact]
    public void Open_reads_the_set_with_its_names_and_splits()
    {
        Assert.SkipUnless(Directory.Exists(Folder), "Debian's package dataset-fashion-mnist is not installed.");

        var data = ImageDatasets.Open(Folder, new SplitOptions());

        // 60,000 and 10,000 pictures, 6,000 and 1,000 per class: Xiao, Rasul and Vollgraf 2017, section 2.
        Assert.Equal("Ankle boot", data.Classes[9]);
        Assert.Equal((54_000, 6_000, 10_000), (data.Train.Count, data.Validation.Count, data.Test.Count));
        Assert.All(data.Validation.GroupBy(example => example.Label), group => Assert.Equal(600, group.Count()));
        Assert.Equal((70_000, 28), (data.Images.Count, data.Images.Decode(69_999, 0).Width));
        Assert.Empty(data.Notices);
    }
}
