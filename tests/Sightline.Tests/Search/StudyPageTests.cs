using System.Xml.Linq;
using Sightline.Search.Report;
using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Search;

public sealed class StudyPageTests
{
    [Fact]
    public void The_page_is_well_formed_needs_nothing_from_outside_and_has_all_parts()
    {
        var page = StudyPage.Write(Input(60));

        var document = XDocument.Parse(page.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));
        var ids = document.Descendants().Select(element => (string?)element.Attribute("id")).OfType<string>().ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Superset(new HashSet<string> { "summary", "winners", "history", "cost", "importance", "slices", "parallel", "rungs", "trials" }, ids.ToHashSet());
        Assert.All(document.Descendants("a").Select(link => (string?)link.Attribute("href")), href => Assert.Contains(href![1..], ids));
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", page, StringComparison.Ordinal);
        Assert.True(page.Length < 3_000_000);
        Assert.Contains("Memory planned / used", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_hold_markup_stay_text()
    {
        var page = StudyPage.Write(Input(12) with { Name = "<script>alert(1)</script>" });

        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_without_a_complete_trial_has_a_page_too()
    {
        var input = Input(12) with { Trials = [new ReportTrial(0, TrialState.Failed, Configuration.Of(("rate", 0.1)), null, [])], Winners = [] };

        var page = StudyPage.Write(input);

        Assert.Contains("No trial is complete yet.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Rungs_count_who_came_and_who_went_on()
    {
        var input = Input(12) with
        {
            Rungs = [4, 12],
            Trials =
            [
                Trial(0, TrialState.Complete, 0.9, 4, 12, 20), Trial(1, TrialState.Pruned, null, 4), Trial(2, TrialState.Pruned, null, 4, 12),
            ],
        };

        var rows = XDocument.Parse(StudyPage.Write(input).Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)).Descendants("section")
            .First(section => (string?)section.Attribute("id") == "rungs").Descendants("tr").Skip(1).Select(row => string.Join(" ", row.Elements().Take(3).Select(cell => cell.Value))).ToList();

        Assert.Equal(["4 3 2", "12 2 1", "end 1 –"], rows);
    }

    private static ReportTrial Trial(int number, TrialState state, double? value, params long[] steps) =>
        new(number, state, Configuration.Of(("rate", 0.1), ("kind", "sgd")), value, [.. steps.Select(step => new TrialReport(step, 0.5))]);

    internal static StudyReportInput Input(int count)
    {
        var space = new SearchSpace(new FloatParameter("rate", 1e-4, 1) { Log = true }, new IntParameter("layers", 1, 8), new CategoricalParameter("kind", ["sgd", "adamW", "lion"]));
        var random = new RandomStream(5);
        var trials = new List<ReportTrial>();
        for (var i = 0; i < count; i++)
        {
            var drawn = RandomSampler.Draw(space, ref random);
            var level = 0.9 - (0.05 * Math.Pow(Math.Log10(drawn.Float("rate")) + 2, 2)) - (0.01 * Math.Abs(drawn.Int("layers") - 4));
            var isPruned = level < 0.8 && i % 3 > 0;
            trials.Add(new ReportTrial(i, isPruned ? TrialState.Pruned : TrialState.Complete, drawn, isPruned ? null : level, [.. Enumerable.Range(1, isPruned ? 4 : 20).Select(step => new TrialReport(step, level * step / 20))])
            {
                Hours = isPruned ? 0.05 : 0.4, CostUsd = isPruned ? 0.1m : 0.8m, PlannedMemoryBytes = 3L << 29, PeakMemoryBytes = 2L << 30,
            });
        }

        return new StudyReportInput
        {
            Name = "clothing", Space = space, Direction = Direction.Maximize, Trials = trials, ValueName = "validation accuracy", IsShare = true, StepName = "Epochs", Rungs = [2, 5, 14],
            Sampler = "gp", CreatedAt = DateTimeOffset.UnixEpoch, Winners = [new WinnerRow(3, trials[3].Configuration, [0.91, 0.9, 0.92], [0.9, 0.89, 0.91]), new WinnerRow(null, new Configuration([]), [0.8, 0.82, 0.81], [])],
        };
    }
}
