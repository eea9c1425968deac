namespace Sightline.Tuning;

/// <summary>A Gaussian process for the first 100 trials of a fixed space with one objective, else TPE.</summary>
internal sealed class AutoSampler : ISampler
{
    // The process is far ahead up to 100 trials on smooth and ordinal spaces; then its cost, of the third power, passes its gain.
    private const int GpTrials = 100;

    /// <inheritdoc/>
    public string Name => "auto";

    /// <inheritdoc/>
    public Configuration? Propose(StudyView study, int number, int attempt) => Choose(study, number).Propose(study, number, attempt);

    /// <summary>The sampler it hands the study to.</summary>
    public static ISampler Choose(StudyView study, int number)
    {
        var purelyCategorical = study.Space.Parameters.All(parameter => parameter is CategoricalParameter);
        var gp = number < GpTrials && !study.Space.IsConditional && !purelyCategorical && study.Options.Directions.Count == 1;
        return Samplers.Find(gp ? "gp" : "tpe");
    }
}
