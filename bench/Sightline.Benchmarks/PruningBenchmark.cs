using System.Diagnostics;

namespace Sightline.Benchmarks;

/// <summary>What stopping trials early gains at equal time, on the 34 tasks of the LCBench surrogate.</summary>
internal static class PruningBenchmark
{
    /// <summary>Prints a line per task and rule, then per rule the ratios of its regret to that without stopping.</summary>
    public static void Run(string folder, int configurations, int repeats, string rules, int tasks, TextWriter output)
    {
        var chosen = PruningProblem.Rules.Where(rule => rules == "all" || rule.Name == "none" || rules.Split(',').Contains(rule.Name)).ToList();
        var ratios = chosen.ToDictionary(rule => rule.Name, _ => new List<double>());
        var watch = Stopwatch.StartNew();
        foreach (var task in LearningCurves.Tasks(folder).Take(tasks))
        {
            var curves = LearningCurves.Of(folder, task, configurations, seed: 1);
            var without = 0.0;
            output.Write($"{task,-7}");
            foreach (var (name, options) in chosen)
            {
                var (regret, trials) = PruningProblem.Regret(curves, options, repeats);
                without = name == "none" ? regret : without;
                ratios[name].Add(regret / without);
                output.Write($"  {name} {regret:f2} ({trials:f0}, {regret / without:f2})");
            }

            output.WriteLine();
        }

        foreach (var (name, values) in ratios)
        {
            var sorted = values.Order().ToList();
            var median = (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
            output.WriteLine($"{name,-18} better on {values.Count(value => value < 1)}/{values.Count}, median ratio {median:f2}, worst {sorted[^1]:f2}, " +
                $"over 10 % worse on {values.Count(value => value > 1.1)}");
        }

        output.WriteLine($"{watch.Elapsed.TotalSeconds:f0} s");
    }
}
