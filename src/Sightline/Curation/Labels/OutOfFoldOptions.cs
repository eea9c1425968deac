using Sightline.Training;

namespace Sightline.Curation.Labels;

/// <summary>How every picture is judged by a model that did not train on it.</summary>
public sealed record OutOfFoldOptions
{
    /// <summary>Parts that the pictures are divided into, one model each; 2 to 20. Default 4, as in the paper of confident learning.</summary>
    public int Folds { get; init; } = 4;

    /// <summary>Seed of the division. The fast recipe takes it too.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How each fold's model is trained; null takes a fast recipe by the data's size (<see cref="OutOfFold.Recipe"/>).</summary>
    public TrainOptions? Training { get; init; }

    /// <summary>
    /// Clusters of pictures that must not be divided, such as near duplicates or one patient's, as numbers of the data set's images. A picture
    /// in none stands by itself; clusters that share a picture are one.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>> Clusters { get; init; } = [];

    /// <summary>Folder below which the folds' run folders are made, and removed; null takes the system's folder for temporary files.</summary>
    public string? WorkFolder { get; init; }

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (Folds is < 2 or > 20)
        {
            yield return $"Folds is {Folds}; it must be from 2 to 20. Use 4.";
        }

        foreach (var problem in Training?.Check() ?? [])
        {
            yield return problem;
        }
    }
}
