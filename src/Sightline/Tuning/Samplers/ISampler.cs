namespace Sightline.Tuning;

/// <summary>Proposes configurations. Stateless: the same study and number give the same proposal.</summary>
internal interface ISampler
{
    /// <summary>The name in <see cref="StudyOptions.Sampler"/>.</summary>
    string Name { get; }

    /// <summary>Proposes a configuration for a trial.</summary>
    /// <param name="study">The study as it is; it holds running trials too.</param>
    /// <param name="number">The trial's number.</param>
    /// <param name="attempt">0 at first; more after a proposal that may not be tried.</param>
    /// <returns>A configuration of the space, which <see cref="StudyView.MayTry"/> may still refuse; null where the sampler has no more.</returns>
    Configuration? Propose(StudyView study, int number, int attempt);
}
