namespace Sightline.Tuning;

/// <summary>The samplers there are.</summary>
public static class Samplers
{
    /// <summary>Their names, as <see cref="StudyOptions.Sampler"/> takes them.</summary>
    public static IReadOnlyList<string> Names => [.. All.Select(sampler => sampler.Name)];

    /// <summary>All samplers. To add one is a file and a line here.</summary>
    internal static IReadOnlyList<ISampler> All { get; } =
    [
        new AutoSampler(),
        new RandomSampler(),
        new GridSampler(),
        new SobolSampler(),
        new TpeSampler(),
        new GpSampler(),
    ];

    internal static ISampler Find(string name) => All.First(sampler => sampler.Name == name);

    /// <summary>A configuration that may be tried: the sampler's, or else any one left. Null where none is left.</summary>
    internal static Configuration? Next(StudyView study, int number)
    {
        // Twenty proposals, then whatever is untried: a sampler that keeps proposing what is known has converged or filled its space.
        const int proposals = 20;
        var sampler = Find(study.Options.Sampler);
        for (var attempt = 0; attempt < proposals; attempt++)
        {
            if (sampler.Propose(study, number, attempt) is not { } configuration)
            {
                return null;
            }

            if (study.MayTry(configuration))
            {
                return configuration;
            }
        }

        return RemainingConfigurations.Any(study, number);
    }
}
