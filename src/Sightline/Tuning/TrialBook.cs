namespace Sightline.Tuning;

/// <summary>A study's trials as they were last read from its store, in the order of their numbers. Used under the study's lock.</summary>
internal sealed class TrialBook
{
    private readonly List<Trial> _trials = [];
    private readonly HashSet<string> _tried = new(StringComparer.Ordinal);

    /// <summary>The trials. One whose configuration is being chosen at this moment is left out.</summary>
    public IReadOnlyList<Trial> All => _trials;

    /// <summary>The keys of their configurations.</summary>
    public IReadOnlySet<string> Tried => _tried;

    /// <summary>Takes over what has changed.</summary>
    public void Apply(StudyChanges changes)
    {
        foreach (var row in changes.Trials)
        {
            Apply(row);
        }

        foreach (var reports in changes.Reports.GroupBy(report => report.Number))
        {
            Find(reports.Key)?.Merge([.. reports]);
        }
    }

    /// <summary>Takes over one row; without a configuration there is nothing to learn from it yet.</summary>
    public void Apply(TrialRow row)
    {
        if (row.Configuration is not { } configuration)
        {
            return;
        }

        var place = Place(row.Number);
        if (place < 0)
        {
            place = ~place;
            _trials.Insert(place, new Trial(row.Number, configuration));
        }
        else if (_trials[place].Configuration.Key != configuration.Key)
        {
            _tried.Remove(_trials[place].Configuration.Key);
        }

        _tried.Add(configuration.Key);
        _trials[place].Apply(row);
    }

    /// <summary>The trial of a number; null where there is none.</summary>
    public Trial? Find(int number) => Place(number) is >= 0 and var place ? _trials[place] : null;

    /// <summary>Forgets all reports, before everything is read again.</summary>
    public void ClearReports()
    {
        foreach (var trial in _trials)
        {
            trial.Clear();
        }
    }

    private int Place(int number)
    {
        // The newest are asked for most.
        if (_trials.Count == 0 || _trials[^1].Number < number)
        {
            return ~_trials.Count;
        }

        var (low, high) = (0, _trials.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (_trials[middle].Number == number)
            {
                return middle;
            }

            (low, high) = _trials[middle].Number < number ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
