using Sightline.Data;
using Sightline.Models;
using Sightline.Recommendation;
using Sightline.Training;
using Sightline.Tests.Curation;
using Xunit;

namespace Sightline.Tests.Recommendation;

public sealed class ModelRecommenderTests
{
    private static readonly RecommendOptions _unmeasured = new() { ProbeSeconds = 0, MaxMemoryBytes = 64L << 30 };

    [Fact]
    public void Run_on_photos_marks_what_nothing_beats()
    {
        var result = ModelRecommender.Run(Photos(256), _unmeasured, null, CancellationToken.None);

        Assert.Equal(ModelCatalog.All.Count(variant => variant.Preprocessing.CropSize > 64), result.Candidates.Count);
        Assert.Contains(result.Candidates, one => one is { Name: "efficientnet_v2_l", IsPareto: true }); // Highest published top-1 of all.
        Assert.Contains(result.Candidates, one => one is { Name: "mobilenet_v3_small", IsPareto: true }); // Least work of all.
        Assert.Contains(result.Candidates, one => one is { Name: "resnet152", IsPareto: false }); // More work and parameters than resnet-50-sized ones that are better.
        foreach (var one in result.Candidates)
        {
            var isBeaten = result.Candidates.Any(other => other != one && other.PriorTop1 >= one.PriorTop1 && other.Minutes <= one.Minutes && other.MemoryBytes <= one.MemoryBytes);
            Assert.Equal(!isBeaten, one.IsPareto);
        }

        var recommended = result.Candidates.Single(one => one.Name == result.Recommended);
        Assert.True(recommended is { IsPareto: true, Fits: true });
        Assert.Contains("published weights", result.Reason);
    }

    [Fact]
    public void Run_on_small_pictures_takes_small_stems_only()
    {
        var result = ModelRecommender.Run(Photos(28), _unmeasured, null, CancellationToken.None);

        Assert.All(result.Candidates, one => Assert.Equal(28, one.Size));
        Assert.Equal(["resnet50_small", "resnet34_small", "resnet18_small", "resnet18_light", "resnet10_small"], result.Candidates.Select(one => one.Name));
        Assert.Contains("estimated", result.Candidates[^1].PriorSource);
        Assert.Equal(69.758, result.Candidates[2].PriorTop1); // torchvision's resnet18.
    }

    [Fact]
    public void Run_with_a_memory_limit_recommends_within_it()
    {
        var free = ModelRecommender.Run(Photos(28), _unmeasured, null, CancellationToken.None);
        var limit = free.Candidates.Single(one => one.Name == "resnet18_light").MemoryBytes;

        var tight = ModelRecommender.Run(Photos(28), _unmeasured with { MaxMemoryBytes = limit, MaxMinutes = 1e9 }, null, CancellationToken.None);
        var none = ModelRecommender.Run(Photos(28), _unmeasured with { MaxMemoryBytes = 1000 }, null, CancellationToken.None);

        Assert.Equal("resnet18_light", tight.Recommended);
        Assert.False(tight.Candidates.Single(one => one.Name == "resnet50_small").Fits);
        Assert.Null(none.Recommended);
        Assert.StartsWith("No model keeps the limits.", none.Reason);
    }

    [Fact]
    public void Run_with_much_time_takes_the_most_accurate()
    {
        var result = ModelRecommender.Run(Photos(28), _unmeasured with { MaxMinutes = 1e9 }, null, CancellationToken.None);

        Assert.Equal("resnet50_small", result.Recommended);
    }

    [Fact]
    public void Run_with_wrong_options_lists_all_problems()
    {
        var problem = Assert.Throws<SettingsException>(() => ModelRecommender.Run(
            Photos(28), new RecommendOptions { MaxMinutes = -1, ProbeSeconds = -1, Training = new TrainOptions { Epochs = 0 } }, null, CancellationToken.None));

        Assert.Contains("MaxMinutes is -1", problem.Message);
        Assert.Contains("ProbeSeconds is -1", problem.Message);
        Assert.Contains("Epochs is 0", problem.Message);
    }

    [Fact]
    public void Default_options_are_sound() => Assert.Empty(new RecommendOptions().Check());

    [Fact]
    public void Step_times_find_the_weights_behind_exact_measurements()
    {
        var times = new StepTimes();
        foreach (var (macs, activations) in new[] { (1.8e9, 2.5e6), (4.1e9, 11e6), (2.8e9, 6.9e6), (0.4e9, 6.7e6) })
        {
            times.Add("a", macs, activations, (5e-11 * macs) + (2e-8 * activations));
        }

        Assert.Equal((5e-11 * 7e9) + (2e-8 * 30e6), times.Of("a", 7e9, 30e6), 1e-9);
    }

    [Fact]
    public void Step_times_never_weigh_below_zero()
    {
        var times = new StepTimes();
        times.Add("a", 1e9, 10e6, 0.1);
        times.Add("a", 2e9, 5e6, 0.3);

        Assert.True(times.Of("b", 1e6, 100e6) >= 0);
        Assert.True(times.Of("b", 3e9, 1) > 0.3);
    }

    [Fact]
    public void Step_times_of_a_family_follow_its_measured_members()
    {
        var times = new StepTimes();
        times.Add("plain", 1e9, 1e6, 0.1);
        times.Add("plain", 2e9, 2e6, 0.2);
        times.Add("slow", 1e9, 1e6, 0.4);

        Assert.Equal(0.8, times.Of("slow", 2e9, 2e6), 1e-9); // Twice the work of the member that was measured.
        Assert.Equal(0.4, times.Of("plain", 4e9, 4e6), 1e-9);
    }

    private static ImageDataset Photos(int side)
    {
        var picture = new PixelImage(new byte[side * side * 3], side, side);
        return MemoryImages.Dataset([.. Enumerable.Range(0, 20).Select(i => ($"{(i < 16 ? "train" : "validation")}/{(i % 2 == 0 ? "a" : "b")}/{i}.png", picture))]);
    }
}
