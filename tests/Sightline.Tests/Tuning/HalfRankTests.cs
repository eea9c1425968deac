using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning;

public sealed class HalfRankTests
{
    [Fact]
    public void A_far_tail_is_drawn_in_and_keeps_its_order()
    {
        double[] scores = [0.90, 0.91, 0.92, 0.93, 0.94, 0.2, 0.1, 0.89, 0.88, -50];

        var warped = HalfRank.Warp(scores);

        Assert.Equal(scores.Select((score, i) => (score, i)).OrderBy(pair => pair.score).Select(pair => pair.i), warped.Select((score, i) => (score, i)).OrderBy(pair => pair.score).Select(pair => pair.i));
        Assert.Equal(scores[..5], warped[..5]);
        Assert.InRange(warped.Min(), 0.7, 0.88);
    }

    [Fact]
    public void Scores_without_a_tail_and_equal_scores_stay()
    {
        double[] even = [.. Enumerable.Range(0, 21).Select(i => i / 20.0)];

        Assert.Equal(even, HalfRank.Warp(even));
        Assert.Equal([3, 3, 3], HalfRank.Warp([3.0, 3, 3]));
        Assert.Equal([3], HalfRank.Warp([3.0]));
    }
}
