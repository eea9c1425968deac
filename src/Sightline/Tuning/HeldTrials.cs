namespace Sightline.Tuning;

/// <summary>The trials that this process works on, and its right to tell of them. Used under the study's lock.</summary>
internal sealed class HeldTrials(TrialBook book, TimeSpan lease)
{
    private readonly Dictionary<int, Claim> _claims = [];

    /// <summary>The claims at hand.</summary>
    public IReadOnlyList<Claim> All => [.. _claims.Values];

    /// <summary>Notes what the store gave.</summary>
    public Claim Add(TrialRow row) => _claims[row.Number] = new Claim(row.Number, row.Epoch);

    /// <summary>Drops what is over or was given back.</summary>
    public void Remove(int number) => _claims.Remove(number);

    /// <summary>A trial of this process that may be told of.</summary>
    /// <exception cref="InvalidOperationException">It is not running, or at another worker.</exception>
    /// <exception cref="TrialLostException">It was given to another worker.</exception>
    public (Trial Trial, Claim Claim) Running(int number)
    {
        if (book.Find(number) is not { } trial)
        {
            throw new ArgumentOutOfRangeException(nameof(number), number, $"The study has {book.All.Count} trials, from 0.");
        }

        if (_claims.TryGetValue(number, out var claim))
        {
            return trial.Epoch == claim.Epoch && trial.State == TrialState.Running ? (trial, claim) : throw Lost(claim);
        }

        throw new InvalidOperationException(trial.State == TrialState.Running ? $"Trial {number} is at another worker; only its own may tell of it."
            : $"Trial {number} is {trial.State}; only a running trial can be told of.");
    }

    /// <summary>Drops a claim that no longer holds, and says so.</summary>
    public TrialLostException Lost(Claim claim)
    {
        _claims.Remove(claim.Number);
        return new TrialLostException(claim.Number, $"Trial {claim.Number} was given to another worker, because this one was silent for longer than {lease.TotalSeconds:0} seconds, " +
            "or it is over. What was told of it now was refused; ask for another trial.");
    }
}
