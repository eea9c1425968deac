namespace Sightline.Tuning;

/// <summary>One worker's attempt at a trial: the objective on a thread of its own, and what came of it.</summary>
internal sealed class Attempt(Study study, Trial trial, string folder, CancellationToken stop)
{
    // Not disposed: an objective that was left behind may still hold its token.
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private readonly long _begun = TimeProvider.System.GetTimestamp();

    /// <summary>The right to tell of the trial, as it was at the start.</summary>
    public Claim Claim { get; } = study.ClaimOf(trial);

    /// <summary>What the objective returned; null where it threw or did not end.</summary>
    public TrialOutcome? Outcome { get; private set; }

    /// <summary>What it threw; null where it returned or did not end.</summary>
    public Exception? Error { get; private set; }

    /// <summary>The store's trouble while the objective reported; null for none.</summary>
    public SightlineException? StoreTrouble { get; private set; }

    /// <summary>The last verdict on it.</summary>
    public Verdict Verdict { get; private set; }

    /// <summary>Whether the trial was given to another worker.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether its time was over.</summary>
    public bool IsOverTime { get; private set; }

    /// <summary>Whether it was cancelled for whatever reason.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Runs the objective.</summary>
    /// <returns>Whether its thread has ended.</returns>
    public bool Run(ITrialObjective objective, TuneWorkerOptions options, int stackBytes)
    {
        Directory.CreateDirectory(folder);
        void OnInterrupted(int? number)
        {
            if (number is null || number == trial.Number)
            {
                IsLost |= number is not null;
                _ = _end.CancelAsync(); // Ending a program may take a while, and this is the leases' thread.
            }
        }

        study.Interrupted += OnInterrupted;
        try
        {
            var thread = new Thread(() => Try(objective, _end.Token), stackBytes) { IsBackground = true, Name = $"trial {trial.Number}" };
            thread.Start();
            var isEnded = Wait(thread, options);
            IsCancelled = _end.IsCancellationRequested;
            return isEnded;
        }
        finally
        {
            study.Interrupted -= OnInterrupted;
            Elapsed = TimeProvider.System.GetElapsedTime(_begun);
        }
    }

    private bool Wait(Thread thread, TuneWorkerOptions options)
    {
        var tick = TimeSpan.FromMilliseconds(100);
        while (!_end.IsCancellationRequested)
        {
            if (thread.Join(tick))
            {
                return true;
            }

            if (options.TrialLimit is { } limit && TimeProvider.System.GetElapsedTime(_begun) > limit)
            {
                IsOverTime = true;
                _end.Cancel();
            }
        }

        return thread.Join(options.Grace);
    }

    private void Try(ITrialObjective objective, CancellationToken cancellationToken)
    {
        try
        {
            var context = new TrialContext(Report, KeepCheckpoint)
            {
                Study = study.Options.Name,
                Seed = study.Options.Seed,
                Number = trial.Number,
                Attempt = trial.Attempt,
                Configuration = trial.Configuration,
                CheckpointFolder = folder,
                CheckpointStep = trial.CheckpointStep,
            };
            Outcome = objective.Run(context, cancellationToken);
        }
#pragma warning disable CA1031 // The objective is foreign code: one trial's trouble must not end the worker.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Error = error;
        }
    }

    private Verdict Report(long step, double value) => Told(() =>
    {
        Verdict = study.Report(trial.Number, step, value);
        if (study.IsLate)
        {
            _end.Cancel(); // The study was stopped, or its time or money is used up.
        }

        return Verdict;
    });

    private void KeepCheckpoint(long step) => Told(() =>
    {
        study.KeepCheckpoint(trial.Number, step);
        return 0;
    });

    private T Told<T>(Func<T> tell)
    {
        try
        {
            return tell();
        }
        catch (TrialLostException)
        {
            IsLost = true;
            throw;
        }
        catch (SightlineException error)
        {
            StoreTrouble = error;
            throw;
        }
    }
}
