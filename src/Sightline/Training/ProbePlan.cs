namespace Sightline.Training;

/// <summary>Where a run looks at its validation accuracy within an epoch too, on a sample. Each look leaves a checkpoint, so that the run can end there.</summary>
/// <param name="AtPictures">Training pictures seen, counted over all epochs; rising. A look follows the step that reaches each.</param>
/// <param name="Pictures">How many validation pictures, of all classes in proportion; at least 1.</param>
internal sealed record ProbePlan(IReadOnlyList<long> AtPictures, int Pictures)
{
    /// <summary>The last place in a stretch of pictures; null where there is none.</summary>
    public long? Due(long before, long after)
    {
        long? due = null;
        foreach (var place in AtPictures)
        {
            due = place > before && place <= after ? place : due;
        }

        return due;
    }
}
