namespace Sightline.Tuning;

/// <summary>Uniform draws, in the logarithm where a parameter asks for it.</summary>
internal sealed class RandomSampler : ISampler
{
    /// <inheritdoc/>
    public string Name => "random";

    /// <inheritdoc/>
    public Configuration? Propose(StudyView study, int number, int attempt)
    {
        var random = study.Stream(number, attempt);
        return Draw(study.Space, ref random);
    }

    /// <summary>One uniform draw.</summary>
    public static Configuration Draw(SearchSpace space, ref RandomStream random)
    {
        var units = DrawUnits(space, ref random);
        return space.Build(parameter => parameter.FromUnit(units[parameter.Name]));
    }

    /// <summary>A number in [0, 1) for every parameter, active or not, so that a draw does not depend on the conditions before it.</summary>
    public static Dictionary<string, double> DrawUnits(SearchSpace space, ref RandomStream random)
    {
        var units = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var parameter in space.Parameters)
        {
            units[parameter.Name] = random.NextDouble();
        }

        return units;
    }
}
