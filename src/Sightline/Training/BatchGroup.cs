using Sightline.Data;

namespace Sightline.Training;

/// <summary>The batches of one optimiser step. Disposing it gives their bytes back to the loader.</summary>
internal sealed record BatchGroup(IReadOnlyList<ImageBatch> Batches) : IDisposable
{
    /// <summary>Divides batches into groups of a length; the last one of the sequence has what is left.</summary>
    public static IEnumerable<BatchGroup> Of(IEnumerable<ImageBatch> batches, int length) =>
        batches.Chunk(length).Select(group => new BatchGroup(group));

    public void Dispose()
    {
        foreach (var batch in Batches)
        {
            batch.Dispose();
        }
    }
}
