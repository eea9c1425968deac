using System.Text.Json;
using Sightline.Tuning;

namespace Sightline.Cli.Tuning;

/// <summary>What a study's workers run. It is kept with the study, so that a worker needs the study's name alone.</summary>
internal sealed record ObjectiveSpec
{
    /// <summary>The program to run for each trial; null where it is another kind.</summary>
    public string? Command { get; init; }

    /// <summary>The trainings that trials are; null where they are another kind.</summary>
    public TrainingSpec? Training { get; init; }

    /// <summary>How long an attempt at a trial may take, seconds; null for any time.</summary>
    public double? TrialSeconds { get; init; }

    /// <summary>Where the trials' folders are; full, since workers may be started elsewhere.</summary>
    public required string Folder { get; init; }

    /// <summary>What a worker costs, US dollars an hour, unless it says so itself; null where that is not known.</summary>
    public decimal? PricePerHourUsd { get; init; }

    /// <summary>That of a study in a store; null where a program alone knows it.</summary>
    public static ObjectiveSpec? Find(string place, string study)
    {
        using var store = DatabaseStudyStore.Open(place, study);
        return store.ObjectiveJson is { } json ? Of(study, json) : null;
    }

    public string ToJson() => JsonSerializer.Serialize(this, SightlineJson.Line);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="SettingsException">The study has none: it is a program's own.</exception>
    /// <exception cref="DataException">It is of another version.</exception>
    public static ObjectiveSpec Of(string study, string? json)
    {
        if (json is null)
        {
            throw new SettingsException($"Study '{study}' was made by a program, which alone knows its objective; it cannot be worked on from the command line.");
        }

        try
        {
            return JsonSerializer.Deserialize<ObjectiveSpec>(json, SightlineJson.Line)!; // Written by us.
        }
        catch (JsonException error)
        {
            throw new DataException($"Study '{study}' is of another version of Sightline: {error.Message} Use the same version on all machines.", error);
        }
    }
}
