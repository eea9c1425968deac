using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sightline.Tuning;

namespace Sightline.Benchmarks;

/// <summary>Learning curves of many configurations of one task: accuracy and time after each epoch.</summary>
/// <param name="Task">The OpenML task.</param>
/// <param name="Accuracy">[configuration][epoch - 1], validation accuracy in percent.</param>
/// <param name="Seconds">[configuration][epoch - 1], time from the start; never falling.</param>
internal sealed record LearningCurves(string Task, float[][] Accuracy, float[][] Seconds)
{
    /// <summary>Epochs of a full curve.</summary>
    public const int Epochs = 52;

    // The order in which the model takes its inputs (slds-lmu/yahpo_gym benchmarks/lcbench.py); another one gives constants, not an error.
    private static readonly string[] _inputs =
        ["epoch", "batch_size", "learning_rate", "momentum", "weight_decay", "num_layers", "max_units", "max_dropout"];

    /// <summary>The tasks that the surrogate knows.</summary>
    /// <param name="folder">The folder with <c>lcbench.onnx</c>.</param>
    public static IReadOnlyList<string> Tasks(string folder)
    {
        using var space = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "lcbench_config_space.json")));
        return [.. Parameters(space).First(parameter => Name(parameter) == "OpenML_task_id").GetProperty("choices").EnumerateArray().Select(choice => choice.GetString()!)];
    }

    /// <summary>Asks the surrogate for the curves of random configurations.</summary>
    /// <param name="folder">As in <see cref="Tasks"/>.</param>
    /// <param name="task">One of them.</param>
    /// <param name="configurations">How many.</param>
    /// <param name="seed">Of the configurations.</param>
    public static LearningCurves Of(string folder, string task, int configurations, long seed)
    {
        using var encoding = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "lcbench_encoding.json")));
        var code = encoding.RootElement.GetProperty("OpenML_task_id").GetProperty(task).GetInt32();
        var drawn = Draw(folder, configurations, seed);
        using var settings = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        using var session = new InferenceSession(Path.Combine(folder, "lcbench.onnx"), settings);
        var curves = drawn.Chunk(500).SelectMany(chunk => Ask(session, code, chunk)).ToList();
        return new LearningCurves(task, [.. curves.Select(curve => curve.Accuracy)], [.. curves.Select(curve => curve.Seconds)]);
    }

    private static IEnumerable<(float[] Accuracy, float[] Seconds)> Ask(InferenceSession session, int code, float[][] configurations)
    {
        var rows = configurations.Length * Epochs;
        var tasks = new DenseTensor<int>(Enumerable.Repeat(code, rows).ToArray(), [rows, 1]);
        var values = new DenseTensor<float>([rows, _inputs.Length]);
        for (var row = 0; row < rows; row++)
        {
            values[row, 0] = (row % Epochs) + 1;
            for (var i = 1; i < _inputs.Length; i++)
            {
                values[row, i] = configurations[row / Epochs][i];
            }
        }

        using var results = session.Run([NamedOnnxValue.CreateFromTensor("x_cat", tasks), NamedOnnxValue.CreateFromTensor("x_cont", values)]);
        var answer = results[0].AsTensor<float>();
        for (var c = 0; c < configurations.Length; c++)
        {
            var (accuracy, seconds) = (new float[Epochs], new float[Epochs]);
            for (var epoch = 0; epoch < Epochs; epoch++)
            {
                accuracy[epoch] = answer[(c * Epochs) + epoch, 1];
                // The surrogate's time falls from one epoch to the next for up to 4 % of the configurations.
                seconds[epoch] = Math.Max(answer[(c * Epochs) + epoch, 0], epoch == 0 ? 0 : seconds[epoch - 1]);
            }

            yield return (accuracy, seconds);
        }
    }

    private static float[][] Draw(string folder, int configurations, long seed)
    {
        using var space = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "lcbench_config_space.json")));
        var parameters = _inputs.Select(name => Parameters(space).First(parameter => Name(parameter) == name)).ToList();
        var drawn = new float[configurations][];
        for (var c = 0; c < configurations; c++)
        {
            var random = new RandomStream(Seeds.Mix(seed, c));
            drawn[c] = new float[_inputs.Length];
            for (var i = 0; i < _inputs.Length; i++)
            {
                drawn[c][i] = (float)Value(parameters[i], random.NextDouble());
            }
        }

        return drawn;
    }

    private static double Value(JsonElement parameter, double share)
    {
        var (low, high) = (parameter.GetProperty("lower").GetDouble(), parameter.GetProperty("upper").GetDouble());
        var log = parameter.GetProperty("log").GetBoolean();
        return Name(parameter) switch
        {
            _ when parameter.GetProperty("type").GetString() == "uniform_int" =>
                new IntParameter("x", (long)low, (long)high) { Log = log }.FromUnit(share).Number,
            _ => new FloatParameter("x", low, high) { Log = log }.FromUnit(share).Number,
        };
    }

    private static IEnumerable<JsonElement> Parameters(JsonDocument space) => space.RootElement.GetProperty("hyperparameters").EnumerateArray();

    private static string Name(JsonElement parameter) => parameter.GetProperty("name").GetString()!;
}
