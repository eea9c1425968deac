using System.Text.Json;
using Sightline.Tuning;

namespace Sightline.Studio.Tune;

/// <summary>The studies of the project's database. Nothing is made: where nobody began a study there is none.</summary>
internal sealed class StudyShelf(string? place)
{
    /// <summary>The names, as the database orders them.</summary>
    public IReadOnlyList<string> Names() => IsThere ? DatabaseStudyStore.Names(place!) : []; // It is there.

    /// <summary>Opens a study; the caller disposes it.</summary>
    /// <exception cref="NotFoundException">There is none of this name.</exception>
    public Study Open(string name) => IsThere ? Study.Open(place!, name) // As above.
        : throw new NotFoundException($"There is no study '{name}': no study was begun here yet. Begin one with 'sightline tune start'.");

    /// <summary>Whether a study's trials are trainings, whose values are accuracies.</summary>
    public bool IsTraining(string name)
    {
        using var store = DatabaseStudyStore.Open(place!, name); // The caller has opened it before.
        if (store.ObjectiveJson is not { } json)
        {
            return false;
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty("training", out var training) && training.ValueKind == JsonValueKind.Object;
    }

    private bool IsThere => place is not null && (File.Exists(place) || place.Contains("://", StringComparison.Ordinal) || place.Contains('=', StringComparison.Ordinal));
}
