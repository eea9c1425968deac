using Sightline.Training;
using Sightline.Tuning;

namespace Sightline.Search;

/// <summary>Search spaces around a recipe, by name.</summary>
internal static class SpacePresets
{
    private static readonly string[] _smallModels = ["resnet10_small", "resnet18_light", "resnet18_small"];
    private static readonly string[] _largeModels = ["resnet18", "resnet34", "resnet50", "efficientnet_b0", "mobilenet_v3_large", "densenet121"];

    /// <summary>The names: <c>quick</c>, <c>standard</c>, <c>architecture</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["quick", "standard", "architecture"];

    /// <summary>A preset around a recipe: rates reach from a twentieth of the recipe's to eight times it.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">The recipe.</param>
    /// <param name="isSmall">Whether pictures are at most 64 pixels wide, which decides on models and sizes.</param>
    /// <exception cref="SettingsException">There is no such preset.</exception>
    public static SearchSpace Of(string name, TrainOptions options, bool isSmall) => name switch
    {
        "quick" => new SearchSpace(Quick(options)),
        "standard" => new SearchSpace([.. Quick(options), .. Standard()]),
        "architecture" => new SearchSpace([.. Architecture(isSmall), .. Quick(options), .. Standard()]),
        _ => throw new SettingsException($"There is no search space '{name}'. There are {string.Join(", ", Names)}; or pass the path of a JSON file."),
    };

    // Rate, batch and decay act together; of augmentation the one number that never hurts much.
    private static List<Parameter> Quick(TrainOptions options) =>
    [
        new FloatParameter("optimizer.learningRate", Math.Max(1e-6, options.Optimizer.LearningRate / 20), Math.Min(10, options.Optimizer.LearningRate * 8)) { Log = true },
        new IntParameter("batchSize", 32, 256) { Step = 32 },
        new FloatParameter("optimizer.weightDecay", 1e-5, options.Optimizer.Kind is OptimizerKind.AdamW or OptimizerKind.Lamb or OptimizerKind.Lion ? 0.5 : 1e-2) { Log = true },
        new FloatParameter("augment.erasingProbability", 0, 0.5) { Step = 0.1 },
    ];

    private static List<Parameter> Standard() =>
    [
        new FloatParameter("labelSmoothing", 0, 0.2) { Step = 0.02 },
        new CategoricalParameter("augment.policy", ["basic", "rand", "trivial"]),
        new IntParameter("augment.randMagnitude", 3, 15) { When = Condition.Is("augment.policy", "rand") },
        new FloatParameter("augment.mixupAlpha", 0, 0.4) { Step = 0.1 },
        new FloatParameter("augment.cutmixAlpha", 0, 1) { Step = 0.25 },
        new CategoricalParameter("schedule.kind", ["cosine", "oneCycle"]),
        new FloatParameter("regularisation.dropout", 0, 0.5) { Step = 0.1 },
    ];

    private static List<Parameter> Architecture(bool isSmall) =>
    [
        new CategoricalParameter("model", isSmall ? _smallModels : _largeModels),
        new IntParameter("size", isSmall ? 24 : 128, isSmall ? 40 : 288) { Step = isSmall ? 4 : 32 },
    ];
}
