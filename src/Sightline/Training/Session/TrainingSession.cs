using System.Diagnostics;
using Sightline.Augment;
using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Runs;
using Sightline.Training.Stability;

namespace Sightline.Training;

/// <summary>One process's share of a run: from its start or its last checkpoint to its end or to a stop.</summary>
internal sealed class TrainingSession : IDisposable
{
    private const int StepsPerEvent = 50;
    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(1);

    private readonly RunFolder _run;
    private readonly ImageDataset _data;
    private readonly TimeProvider _time;
    private readonly CheckpointStore _checkpoints;
    private readonly SessionParts _parts;
    private readonly SessionBatches _batches;
    private readonly SessionJudge _judge;
    private readonly SessionLog _log;
    private readonly TrainStep _step;
    private readonly MemoryGuard _memory;
    private readonly StepWatch _watch;
    private readonly Steering _steering;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly double _secondsBefore;
    private readonly RollBackException? _rollBack;
    private readonly ProbePlan? _probes;
    private readonly IReadOnlyList<Example> _probed = [];
    private TrainOptions _options;
    private LearningRateSchedule _schedule;
    private TrainState _state = new();
    private bool _isBegun;

    /// <param name="run">Its settings, and where its files go.</param>
    /// <param name="data">What to learn.</param>
    /// <param name="progress">Told each event; null for silence.</param>
    /// <param name="time">Dates the events.</param>
    /// <param name="control">The run's heartbeat and the requests to it.</param>
    /// <param name="rollBack">Why the session before gave up; null where there was none.</param>
    /// <param name="probes">Where to look at the accuracy within epochs; null for nowhere.</param>
    public TrainingSession(
        RunFolder run, ImageDataset data, IProgress<RunEvent>? progress, TimeProvider time, RunControl control, RollBackException? rollBack = null, ProbePlan? probes = null)
    {
        (_run, _data, _time, _rollBack, _probes) = (run, data, time, rollBack, probes);
        _options = run.Settings.Options;
        _checkpoints = new CheckpointStore(run);
        _parts = new SessionParts(run.Settings, data, isNew: !_checkpoints.Exist);
        _batches = new SessionBatches(run.Settings, data);
        _step = new TrainStep(_parts.Model, _parts.Input, _parts.Optimizer, _options, _parts.Objective, _parts.Meter)
        {
            Average = WeightAverage.Create(_parts.Model, _options.Averaging, _options.Epochs, _batches.StepsPerEpoch),
        };
        _memory = new MemoryGuard(
            _parts.Model, _parts.Optimizer, run.Settings, MemoryPlan.PictureBytesOf(run.Settings, data), message => Record(Event("memory") with { Message = message }));
        _judge = new SessionJudge(run, data, _parts, _batches, _memory, _step.Average);
        _schedule = Schedule();
        _probed = probes is null ? [] : NestedSubset.Of(data.Validation, (double)probes.Pictures / data.Validation.Count, _options.Seed);

        var passedOver = new List<string>();
        var restored = _checkpoints.Restore(_parts.Model, _parts.Optimizer, _step.CheckpointParts, passedOver.Add);
        _state = restored ?? _state;
        _state = rollBack is null ? _state : _state.RolledBack();
        _secondsBefore = _state.Seconds;
        _parts.Meter.Set(_state.Meter);
        _log = new SessionLog(run, _state.Step, control.Pulse, progress);
        _steering = new Steering(run, control, _state.Step, Event, Record);
        passedOver.ForEach(Notice);
        if (restored is null)
        {
            (rollBack is null ? run.Settings.Decisions : []).Concat(new[] { _parts.Told }.OfType<string>()).ToList().ForEach(Notice);
        }

        Adopt();
        _step.Watch = _watch = new StepWatch(_parts.Model, _options.Stability, _state.Guard, _state.Step, TotalSteps);
        if (restored is not null && rollBack is null)
        {
            Record(Event("resume") with { Message = $"Resumed after step {_state.Step} of {TotalSteps}." });
        }
    }

    private long TotalSteps => (long)_options.Epochs * _batches.StepsPerEpoch;

    private long PicturesSeen => (((long)_state.Epoch * _batches.Train.BatchesPerEpoch) + _state.Batch) * _options.BatchSize;

    private double Seconds => _secondsBefore + _clock.Elapsed.TotalSeconds;

    private bool IsOver => _state.Epoch >= _options.Epochs
        || (_options.EarlyStopEpochs > 0 && _state.Epoch - _state.BestEpoch >= _options.EarlyStopEpochs);

    /// <summary>Trains to the end, evaluates the best weights and writes the report.</summary>
    /// <exception cref="StoppedException">The token was cancelled; a checkpoint was written.</exception>
    public TrainResult Run(CancellationToken cancel)
    {
        _memory.Begin(_state.Memory);
        _isBegun = true;
        if (_state.Memory is null)
        {
            DivideAsAsked(_run.Settings.Options.Memory.MicroBatch); // A checkpoint's state of the memory has it.
        }

        if (_rollBack is not null)
        {
            SaveLast(); // With the new rate, so that a resumed run has it too.
            Record(_rollBack.Told(Event("stability"), _state, _options.Stability));
        }

        while (true)
        {
            Obey(cancel);
            if (IsOver)
            {
                break;
            }

            if (TrainEpoch(cancel))
            {
                ValidateEpoch(cancel);
            }
        }

        _steering.Pulse.Enter(RunPhase.Evaluating);
        var result = Finish(cancel);
        Record(Event("end") with
        {
            ValidationAccuracy = result.ValidationAccuracy,
            BestWeightsSha256 = result.BestWeightsSha256,
            LastWeightsSha256 = result.LastWeightsSha256,
            Message = "The run is finished.",
        });
        return result;
    }

    public void Dispose()
    {
        _batches.Dispose();
        _log.Dispose();
        _step.Dispose();
        _memory.Dispose();
        _watch.Dispose();
        _parts.Dispose();
    }

    // Returns whether the epoch came to its end; a run that is to hold or to stop leaves it and may come back.
    private bool TrainEpoch(CancellationToken cancel)
    {
        _steering.Pulse.Enter(RunPhase.Training);
        _parts.Model.train();
        if (_parts.Transfer.Begin(_state.Epoch) is { } change && _state.Batch == 0)
        {
            Notice(change);
        }

        _step.Size = _parts.Regulariser.Size(_state.Epoch, _options.Epochs);
        var report = new StepReport(_parts.Meter, _batches.Train, _clock);
        foreach (var group in BatchGroup.Of(_batches.Train.Epoch(_state.Epoch, _state.Batch), _options.Accumulation))
        {
            var learningRate = LearningRate(_state.Step);
            TakeStep(group, learningRate);
            TellStep(report, learningRate);
            Probe(group.Batches.Count, cancel);
            if (cancel.IsCancellationRequested)
            {
                Stop();
            }

            if (_steering.Look(_state))
            {
                Adopt();
                if (_steering.IsWaiting)
                {
                    return false;
                }
            }

            if (_options.CheckpointSteps > 0 && _state.Step % _options.CheckpointSteps == 0 && !_watch.IsInTrouble)
            {
                SaveLast();
            }
        }

        return true;
    }

    private void TakeStep(BatchGroup group, double learningRate)
    {
        _parts.Regulariser.At(_state.Step, TotalSteps);
        using (group)
        {
            _memory.Train((pass, parts) =>
            {
                _step.Pass = pass;
                _step.Run(group.Batches, learningRate, group.Batches.Select((_, i) => Mix(i)).ToList(), parts);
            });
        }

        _state = _state with { Batch = _state.Batch + group.Batches.Count, Step = _state.Step + 1 };
    }

    // What the step just taken has to say, and what the watch makes of it.
    private void TellStep(StepReport report, double learningRate)
    {
        _log.Histograms(_time.GetUtcNow(), _state.Step, _parts.Model);
        _steering.Pulse.Stepped(_state.Step, TotalSteps, _state.Epoch + 1);
        foreach (var told in _watch.Told(Event("")))
        {
            Record(told);
        }

        _watch.Act(_state.Step, _state.RollBacks);
        var isEvent = _state.Step % StepsPerEvent == 0;
        if (!isEvent && (!_log.IsHeard || report.SinceTold <= TellInterval))
        {
            return;
        }

        var figures = report.Of(Event("step"), learningRate, _step.Scaler);
        Finite(figures.TrainLoss ?? 0, learningRate);
        if (isEvent)
        {
            Record(figures);
            report.Restart();
        }
        else
        {
            _log.Tell(figures);
        }
    }

    // Does what was asked of the run since the last step: adopts settings, holds, stops.
    private void Obey(CancellationToken cancel)
    {
        _steering.Look(_state);
        if (_steering.IsPauseAsked)
        {
            SaveLast();
            _batches.Release(); // A new loader goes on at the next batch.
            _clock.Stop();
            _steering.Hold(_state, cancel);
            _clock.Start();
            _batches.Reopen();
            if (cancel.IsCancellationRequested)
            {
                Stop();
            }
        }

        Adopt();
        if (_steering.StopAsked is { } asked)
        {
            SaveLast();
            _steering.Stopped();
            throw Stopped($"{asked.By} asked for it with 'run stop'");
        }
    }

    private void Adopt()
    {
        var before = _options;
        if (before == _steering.Options)
        {
            return;
        }

        _options = _steering.Options;
        _schedule = Schedule();
        _step.Size = _parts.Regulariser.Size(_state.Epoch, _options.Epochs);
        DivideAsAsked(before.Memory.MicroBatch);
    }

    private void DivideAsAsked(int? before)
    {
        if (_options.Memory.MicroBatch is { } most && most != before && _isBegun)
        {
            _memory.Divide(most);
        }
    }

    private LearningRateSchedule Schedule() => new(_options.Schedule, LearningRateSchedule.Peak(_options), _options.Epochs, _batches.StepsPerEpoch)
    {
        FrozenEpochs = _options.Transfer.UnfreezeEpochs.FirstOrDefault(1),
    };

    private void ValidateEpoch(CancellationToken cancel)
    {
        _steering.Pulse.Enter(RunPhase.Validating);
        var trained = _parts.Meter.Read();
        Finite(trained.Loss, LearningRate(_state.Step - 1));
        EvaluationResult validation;
        try
        {
            validation = _judge.Validate(cancel, _steering.Hear);
        }
        catch (OperationCanceledException)
        {
            Stop();
            throw;
        }

        var isBetter = validation.Accuracy > _state.BestAccuracy;
        _state = _state with
        {
            Epoch = _state.Epoch + 1,
            Batch = 0,
            Watched = [.. _state.Watched, _options.Schedule.PlateauFigure == PlateauFigure.Loss ? validation.Loss : validation.Accuracy],
            BestAccuracy = Math.Max(validation.Accuracy, _state.BestAccuracy),
            BestEpoch = isBetter ? _state.Epoch + 1 : _state.BestEpoch,
        };
        _parts.Meter.Set(default);
        if (isBetter)
        {
            using var average = _step.Average?.Use();
            _checkpoints.SaveBest(_parts.Model);
        }

        // The event comes first: a process killed between the two repeats the epoch and drops the event.
        Record(Event("epoch") with
        {
            Epoch = _state.Epoch,
            TrainLoss = trained.Loss,
            TrainAccuracy = trained.Accuracy,
            ValidationLoss = validation.Loss,
            ValidationAccuracy = validation.Accuracy,
            LearningRate = LearningRate(_state.Step - 1),
            ImagesPerSecond = (double)_state.Epoch * _batches.Train.BatchesPerEpoch * _options.BatchSize / Seconds,
        });
        SaveLast();
    }

    private void Probe(int batches, CancellationToken cancel)
    {
        var seen = PicturesSeen;
        if (_probes?.Due(seen - ((long)batches * _options.BatchSize), seen) is not { } place || cancel.IsCancellationRequested)
        {
            return;
        }

        var accuracy = _judge.Accuracy(_probed);
        _parts.Model.train();
        SaveLast(); // Before the event, which may end the run: it is resumed from here.
        Record(Event("probe") with { ValidationAccuracy = accuracy, Pictures = place });
    }

    private TrainResult Finish(CancellationToken cancel)
    {
        var (testAccuracy, best, last) = _judge.Finish(_time.GetUtcNow(), cancel);
        return new TrainResult
        {
            Run = _run.Path,
            Model = _run.Settings.Model,
            ValidationAccuracy = _state.BestAccuracy,
            TestAccuracy = testAccuracy,
            Seconds = Math.Round(Seconds, 1),
            Epochs = _state.Epoch,
            BestWeightsSha256 = best,
            LastWeightsSha256 = last,
        };
    }

    // Of the next batch but some; batches are numbered through the run.
    private BatchMix? Mix(int ahead) => _options.Augment is { } augment && _state.Epoch < _options.Epochs - augment.MixingOffEpochs
        ? BatchMix.Of(
            augment, _options.Seed, ((long)_state.Epoch * _batches.Train.BatchesPerEpoch) + _state.Batch + ahead, _run.Settings.Preprocessing.CropSize)
        : null;

    private void Stop()
    {
        SaveLast();
        Notice("Stopped by the user; the checkpoint is written.");
        throw Stopped(null);
    }

    private StoppedException Stopped(string? why) => new(
        $"Stopped after step {_state.Step} of {TotalSteps}{(why is null ? "" : $" ({why})")}; nothing is lost. Go on with 'sightline train resume {_run.Path}'.");

    private void SaveLast() => _checkpoints.SaveLast(
        _parts.Model, _parts.Optimizer, _step.CheckpointParts, _state with { Seconds = Seconds, Meter = _parts.Meter.Read(), Memory = _memory.State, Guard = _watch.State });

    private double LearningRate(long step) => _schedule.At(step, _state.Watched) * _state.RateFactor;

    private double Finite(double loss, double learningRate) => double.IsFinite(loss) ? loss : throw new DivergedException(
        $"The training loss is {loss} after step {_state.Step}: training diverged at a learning rate of {learningRate:g3}. " +
        "Lower it (--learning-rate), or clip gradients (--set optimizer.clipNorm=1).");

    private RunEvent Event(string kind) => new()
    {
        Kind = kind,
        At = _time.GetUtcNow(),
        Epoch = Math.Min(_state.Epoch + 1, _options.Epochs),
        Step = _state.Step,
        TotalSteps = TotalSteps,
        Seconds = Math.Round(Seconds, 3),
    };

    private void Notice(string message) => Record(Event("notice") with { Message = message });

    private void Record(RunEvent value) => _log.Record(value);
}
