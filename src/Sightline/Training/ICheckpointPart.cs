using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>State beside weights and optimiser that a run needs to go on exactly: an average of the weights, a loss scale.</summary>
internal interface ICheckpointPart
{
    /// <summary>How the names of its tensors begin in the checkpoint; a word.</summary>
    string Name { get; }

    /// <summary>The tensors, borrowed: kept by the part or of the current scope.</summary>
    IEnumerable<(string Name, Tensor Tensor)> State();

    /// <summary>Takes over a saved state.</summary>
    /// <exception cref="WeightsException">A tensor is missing or has another shape.</exception>
    void Restore(IReadOnlyDictionary<string, Tensor> saved);
}
