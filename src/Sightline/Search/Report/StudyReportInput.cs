using Sightline.Tuning;

namespace Sightline.Search.Report;

/// <summary>One trial as the report shows it.</summary>
/// <param name="Number">From 0.</param>
/// <param name="State">How it ended, or that it has not.</param>
/// <param name="Configuration">Its values.</param>
/// <param name="Value">Of a complete trial; null otherwise.</param>
/// <param name="Reports">Its values on the way.</param>
internal sealed record ReportTrial(int Number, TrialState State, Configuration Configuration, double? Value, IReadOnlyList<TrialReport> Reports)
{
    /// <summary>Hours that it took; null where that is not known.</summary>
    public double? Hours { get; init; }

    /// <summary>US dollars; null where that is not known.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>What it was to need by the memory plan, bytes; null where there was no plan.</summary>
    public long? PlannedMemoryBytes { get; init; }

    /// <summary>The most it used, bytes; null where that is not known.</summary>
    public long? PeakMemoryBytes { get; init; }
}

/// <summary>A candidate that was trained again with other seeds.</summary>
/// <param name="Number">The trial; null for the recipe without changes.</param>
/// <param name="Configuration">Its values; empty for the recipe.</param>
/// <param name="Validation">Accuracies on the validation split, one per seed.</param>
/// <param name="Test">Accuracies on the test split, one per seed; empty where there is none.</param>
internal sealed record WinnerRow(int? Number, Configuration Configuration, IReadOnlyList<double> Validation, IReadOnlyList<double> Test);

/// <summary>All that the report of a study shows.</summary>
internal sealed record StudyReportInput
{
    public required string Name { get; init; }

    public required SearchSpace Space { get; init; }

    public required Direction Direction { get; init; }

    public required IReadOnlyList<ReportTrial> Trials { get; init; }

    /// <summary>What the value is, for headings.</summary>
    public string ValueName { get; init; } = "Value";

    /// <summary>Whether values are shares, shown in percent.</summary>
    public bool IsShare { get; init; }

    /// <summary>What a step is.</summary>
    public string StepName { get; init; } = "Step";

    /// <summary>The steps at which trials are compared; empty where none are stopped early.</summary>
    public IReadOnlyList<long> Rungs { get; init; } = [];

    public string Sampler { get; init; } = "";

    public IReadOnlyList<WinnerRow> Winners { get; init; } = [];

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The complete trials with a finite value.</summary>
    public IReadOnlyList<ReportTrial> Complete => [.. Trials.Where(trial => trial.State == TrialState.Complete && trial.Value is { } value && double.IsFinite(value))];

    public ReportTrial? Best => Direction == Direction.Minimize ? Complete.MinBy(trial => trial.Value) : Complete.MaxBy(trial => trial.Value);

    public bool IsBetter(double a, double b) => Direction == Direction.Minimize ? a < b : a > b;

    public double Loss(double value) => Direction == Direction.Minimize ? value : -value;

    public string Format(double? value) => value is not { } known ? "–" : IsShare ? Runs.Report.Words.Percent(known) : Compact(known);

    public static string Compact(double value) => value.ToString("G4", System.Globalization.CultureInfo.InvariantCulture);
}
