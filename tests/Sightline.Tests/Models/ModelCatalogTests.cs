using Sightline.Models;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Models;

public sealed class ModelCatalogTests
{
    [Fact]
    public void Find_unknown_name_offers_the_nearest()
    {
        var error = Assert.Throws<SettingsException>(() => ModelCatalog.Find("resnet51"));

        Assert.Equal(
            $"There is no model 'resnet51'. Did you mean 'resnet50' or 'resnet101' or 'resnet152'? Run 'sightline model list' to see all {ModelCatalog.All.Count}.",
            error.Message);
    }

    [Fact]
    public void Find_ignores_letter_case() => Assert.Equal("resnet18", ModelCatalog.Find("ResNet18").Name);

    [Theory]
    [InlineData("resnet18_small")]
    [InlineData("resnet50")]
    [InlineData("densenet121")]
    [InlineData("efficientnet_b0")]
    [InlineData("efficientnet_v2_s")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("convnext_tiny")]
    public void Training_steps_leave_no_tensor_behind(string name)
    {
        using var model = ModelCatalog.Find(name).Create(10);
        var counts = new List<long>();

        for (var step = 0; step < 3; step++)
        {
            using (var scope = NewDisposeScope())
            {
                model.call(torch.randn(2, 3, 32, 32)).sum().backward();
                model.zero_grad();
            }

            counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(counts[0], counts[1]);
        Assert.Equal(counts[1], counts[2]);
    }
}
