namespace Sightline.Tuning;

/// <summary>Scrambled Sobol points: as random, but evenly spread. The trial's number is the point's index.</summary>
internal sealed class SobolSampler : ISampler
{
    /// <inheritdoc/>
    public string Name => "sobol";

    /// <inheritdoc/>
    public Configuration? Propose(StudyView study, int number, int attempt)
    {
        var dimensions = study.Space.Parameters.Count;
        if (attempt > 0 || dimensions > SobolSequence.MaxDimensions)
        {
            // Two points may fall into one cell of a discrete space; a random draw then fills the gap.
            return RandomSamplerAt(study, number, attempt);
        }

        var point = new double[dimensions];
        new SobolSequence(dimensions, study.Options.Seed).Point(number, point);
        var units = study.Space.Parameters.Select((parameter, i) => (parameter.Name, point[i])).ToDictionary(StringComparer.Ordinal);
        return study.Space.Build(parameter => parameter.FromUnit(units[parameter.Name]));
    }

    private static Configuration RandomSamplerAt(StudyView study, int number, int attempt)
    {
        var random = study.Stream(number, attempt);
        return RandomSampler.Draw(study.Space, ref random);
    }
}
