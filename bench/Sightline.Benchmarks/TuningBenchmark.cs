using System.Diagnostics;
using Sightline.Tuning;

namespace Sightline.Benchmarks;

/// <summary>How near the samplers come to known optima.</summary>
internal static class TuningBenchmark
{
    /// <summary>Prints mean regret, its standard error and the time of a suggestion for each problem.</summary>
    public static void Samplers(string sampler, int seeds, int trials, string problems, string? tables, TextWriter output)
    {
        int[] counts = [.. new[] { 50, 100, 200 }.Where(count => count <= trials)];
        var names = problems.Split(',');
        foreach (var problem in TuningProblems.All(tables).Where(problem => names.Contains(problem.Name) || problems == "all"))
        {
            var watch = Stopwatch.StartNew();
            var regrets = new List<double[]>();
            for (var seed = 0; seed < seeds; seed++)
            {
                var options = new StudyOptions { Sampler = sampler, Seed = seed, Pruner = new PrunerOptions { Kind = PrunerKind.None } };
                regrets.Add(problem.Regrets(options, counts));
            }

            var milliseconds = watch.Elapsed.TotalMilliseconds / seeds / counts.Max();
            var cells = counts.Select((count, i) =>
            {
                var mean = regrets.Average(row => row[i]);
                var error = Math.Sqrt(regrets.Sum(row => (row[i] - mean) * (row[i] - mean)) / Math.Max(1, seeds - 1) / seeds);
                return $"{count}: {mean:g3} (se {error:g2})";
            });
            output.WriteLine($"{problem.Name,-12} {sampler,-6} {seeds} seeds  {string.Join("  ", cells)}  {milliseconds:f1} ms per trial");
        }
    }
}
