using System.Diagnostics;
using Sightline.Augment;
using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Inference;
using Sightline.Models;
using Sightline.Runs;
using Sightline.Runs.TensorBoard;
using Sightline.Training.Stability;
using Sightline.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>One process's share of a run: from its start or its last checkpoint to its end or to a stop.</summary>
internal sealed class TrainingSession : IDisposable
{
    private const int StepsPerEvent = 50;

    private readonly RunFolder _run;
    private readonly ImageDataset _data;
    private readonly IProgress<RunEvent>? _progress;
    private readonly TimeProvider _time;
    private readonly CheckpointStore _checkpoints;
    private readonly Device _device;
    private readonly nn.Module<Tensor, Tensor> _model;
    private readonly ModelInput _input;
    private readonly Transfer _transfer;
    private readonly ParameterOptimizer _optimizer;
    private readonly TrainingMeter _meter;
    private readonly TrainStep _step;
    private readonly MemoryGuard _memory;
    private readonly StepWatch _watch;
    private readonly BatchLoader _validationLoader;
    private readonly MetricsWriter _metrics;
    private readonly TrainingObjective _objective;
    private readonly Regulariser _regulariser;
    private readonly HistogramLog? _histograms;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly double _secondsBefore;
    private readonly RollBackException? _rollBack;
    private readonly ProbePlan? _probes;
    private readonly IReadOnlyList<Example> _probed = [];
    private readonly Steering _steering;
    private TrainOptions _options;
    private BatchLoader _trainLoader;
    private LearningRateSchedule _schedule;
    private TrainState _state = new();
    private bool _isBegun;

    /// <param name="control">The run's heartbeat and the requests to it.</param>
    /// <param name="rollBack">Why the session before gave up; null where there was none.</param>
    /// <param name="probes">Where to look at the accuracy within epochs; null for nowhere.</param>
    public TrainingSession(
        RunFolder run, ImageDataset data, IProgress<RunEvent>? progress, TimeProvider time, RunControl control, RollBackException? rollBack = null, ProbePlan? probes = null)
    {
        _run = run;
        _data = data;
        _options = run.Settings.Options;
        _progress = progress;
        _time = time;
        _checkpoints = new CheckpointStore(run);
        _device = Devices.Choose(_options.Device);
        set_num_threads(_options.Threads ?? Environment.ProcessorCount);

        manual_seed(_options.Seed);
        _model = ModelCatalog.Find(run.Settings.Model).Create(data.Classes.Count);
        var replaced = _checkpoints.Exist ? null : StartingWeights.Load(_model, _options); // A checkpoint holds all weights itself.
        _model.to(_device);
        ModelInput.MatchLayout(_model, _options.Layout);
        _input = new ModelInput(run.Settings.Preprocessing, _device, _options.Layout);
        _transfer = new Transfer(_model, _options.Transfer, run.Settings.Model);
        _optimizer = ParameterOptimizer.Create(_model, _options.Optimizer, groups: _transfer.Groups());
        _meter = new TrainingMeter(_device);
        _regulariser = new Regulariser(_model, _options);
        _objective = TrainingObjective.Create(run.Settings, data, _device);
        _trainLoader = Loader(data.Train, _options.Augment, isTraining: true);
        _validationLoader = Loader(data.Validation, null, isTraining: false);
        _step = new TrainStep(_model, _input, _optimizer, _options, _objective, _meter)
        {
            Average = WeightAverage.Create(_model, _options.Averaging, _options.Epochs, StepsPerEpoch),
        };
        _memory = new MemoryGuard(_model, _optimizer, run.Settings, MemoryPlan.PictureBytesOf(run.Settings, data), message => Record(Event("memory") with { Message = message }));
        _schedule = Schedule();

        var passedOver = new List<string>();
        var restored = _checkpoints.Restore(_model, _optimizer, _step.CheckpointParts, passedOver.Add);
        _state = restored ?? _state;
        _state = rollBack is null ? _state : _state.RolledBack();
        _secondsBefore = _state.Seconds;
        _meter.Set(_state.Meter);
        _metrics = run.OpenMetrics(_state.Step);
        _histograms = run.OpenHistograms(_state.Step);
        _steering = new Steering(run, control, _state.Step, Event, Record);
        passedOver.ForEach(message => Record(Event("notice") with { Message = message }));
        foreach (var decision in restored is null && rollBack is null ? run.Settings.Decisions : [])
        {
            Record(Event("notice") with { Message = decision });
        }

        if (restored is null && replaced?.Message is { } told)
        {
            Record(Event("notice") with { Message = told });
        }

        Adopt();
        _step.Watch = _watch = new StepWatch(_model, _options.Stability, _state.Guard, _state.Step, TotalSteps);
        _rollBack = rollBack;
        _probes = probes;
        _probed = probes is null ? [] : NestedSubset.Of(data.Validation, (double)probes.Pictures / data.Validation.Count, _options.Seed);
        if (restored is not null && rollBack is null)
        {
            Record(Event("resume") with { Message = $"Resumed after step {_state.Step} of {TotalSteps}." });
        }
    }

    private int StepsPerEpoch => (_trainLoader.BatchesPerEpoch + _options.Accumulation - 1) / _options.Accumulation;

    private long TotalSteps => (long)_options.Epochs * StepsPerEpoch;

    private long PicturesSeen => (((long)_state.Epoch * _trainLoader.BatchesPerEpoch) + _state.Batch) * _options.BatchSize;

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
        _trainLoader.Dispose();
        _validationLoader.Dispose();
        _metrics.Dispose();
        _histograms?.Dispose();
        _step.Dispose();
        _memory.Dispose();
        _watch.Dispose();
        _optimizer.Dispose();
        _meter.Dispose();
        _input.Dispose();
        _objective.Dispose();
        _model.Dispose();
    }

    // Returns whether the epoch came to its end; a run that is to hold or to stop leaves it and may come back.
    private bool TrainEpoch(CancellationToken cancel)
    {
        _steering.Pulse.Enter(RunPhase.Training);
        _model.train();
        if (_transfer.Begin(_state.Epoch) is { } change && _state.Batch == 0)
        {
            Record(Event("notice") with { Message = change });
        }

        _step.Size = _regulariser.Size(_state.Epoch, _options.Epochs);
        var reported = _meter.Read();
        var reportedAt = _clock.Elapsed;
        var waitedBefore = _trainLoader.WaitTime;
        var toldAt = _clock.Elapsed;
        foreach (var group in BatchGroup.Of(_trainLoader.Epoch(_state.Epoch, _state.Batch), _options.Accumulation))
        {
            var learningRate = LearningRate(_state.Step);
            _regulariser.At(_state.Step, TotalSteps);
            using (group)
            {
                _memory.Train((pass, parts) =>
                {
                    _step.Pass = pass;
                    _step.Run(group.Batches, learningRate, group.Batches.Select((_, i) => Mix(i)).ToList(), parts);
                });
            }

            _state = _state with { Batch = _state.Batch + group.Batches.Count, Step = _state.Step + 1 };
            if (_histograms is not null && _state.Step % _options.TensorBoardHistograms == 0)
            {
                _histograms.Write(_time.GetUtcNow(), _state.Step, _model);
            }

            _steering.Pulse.Stepped(_state.Step, TotalSteps, _state.Epoch + 1);
            foreach (var told in _watch.Told(Event("")))
            {
                Record(told);
            }

            _watch.Act(_state.Step, _state.RollBacks);
            var isEvent = _state.Step % StepsPerEvent == 0;
            if (isEvent || (_progress is not null && _clock.Elapsed - toldAt > TimeSpan.FromSeconds(1)))
            {
                var since = _meter.Read() - reported;
                var told = Event("step") with
                {
                    TrainLoss = since.Seen > 0 ? Finite(since.Loss, learningRate) : null,
                    TrainAccuracy = since.Seen > 0 ? since.Accuracy : null,
                    LearningRate = learningRate,
                    GradientNorm = since.NormSum > 0 ? since.GradientNorm : null,
                    LossScale = _step.Scaler?.Scale,
                    SkippedSteps = _step.Scaler?.Skipped,
                    ImagesPerSecond = since.Seen / (_clock.Elapsed - reportedAt).TotalSeconds,
                    DataWaitShare = (_trainLoader.WaitTime - waitedBefore) / (_clock.Elapsed - reportedAt),
                };
                toldAt = _clock.Elapsed;
                if (isEvent)
                {
                    Record(told);
                    (reported, reportedAt, waitedBefore) = (_meter.Read(), _clock.Elapsed, _trainLoader.WaitTime);
                }
                else
                {
                    Tell(told);
                }
            }

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

    // Does what was asked of the run since the last step: adopts settings, holds, stops.
    private void Obey(CancellationToken cancel)
    {
        _steering.Look(_state);
        if (_steering.IsPauseAsked)
        {
            SaveLast();
            _trainLoader.Dispose(); // Its pictures and threads; a new one goes on at the next batch.
            _clock.Stop();
            _steering.Hold(_state, cancel);
            _clock.Start();
            _trainLoader = Loader(_data.Train, _options.Augment, isTraining: true);
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
        _step.Size = _regulariser.Size(_state.Epoch, _options.Epochs);
        DivideAsAsked(before.Memory.MicroBatch);
    }

    private void DivideAsAsked(int? before)
    {
        if (_options.Memory.MicroBatch is { } most && most != before && _isBegun)
        {
            _memory.Divide(most);
        }
    }

    private LearningRateSchedule Schedule() => new(_options.Schedule, LearningRateSchedule.Peak(_options), _options.Epochs, StepsPerEpoch)
    {
        FrozenEpochs = _options.Transfer.UnfreezeEpochs.FirstOrDefault(1),
    };

    private void ValidateEpoch(CancellationToken cancel)
    {
        _steering.Pulse.Enter(RunPhase.Validating);
        var trained = _meter.Read();
        Finite(trained.Loss, LearningRate(_state.Step - 1));
        EvaluationResult validation;
        try
        {
            using var average = _step.Average?.Use();
            var predictions = _memory.Validate(parts =>
                ModelRunner.Predict(_model, _input, _data.Classes, _data.Images, _data.Validation, _validationLoader, cancel, parts, between: _steering.Hear));
            validation = Metrics.Compute(predictions, new MetricsOptions { BootstrapSamples = 0 });
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
        _meter.Set(default);
        if (isBetter)
        {
            using var average = _step.Average?.Use();
            _checkpoints.SaveBest(_model);
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
            ImagesPerSecond = (double)_state.Epoch * _trainLoader.BatchesPerEpoch * _options.BatchSize / Seconds,
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

        double accuracy;
        using (var average = _step.Average?.Use())
        {
            using var loader = Loader(_probed, null, isTraining: false);
            var predictions = _memory.Validate(parts => ModelRunner.Predict(_model, _input, _data.Classes, _data.Images, _probed, loader, CancellationToken.None, parts));
            accuracy = Metrics.Compute(predictions, new MetricsOptions { BootstrapSamples = 0 }).Accuracy;
        }

        _model.train();
        SaveLast(); // Before the event, which may end the run: it is resumed from here.
        Record(Event("probe") with { ValidationAccuracy = accuracy, Pictures = place });
    }

    private TrainResult Finish(CancellationToken cancel)
    {
        var last = WeightsHash.Of(_model.state_dict());
        WeightsLoader.Load(_model, _run.BestWeights);
        var best = WeightsHash.Of(_model.state_dict());
        var evaluation = FinalEvaluation.Run(_run, _data, Judge, new HeatPictures(_model, _input, _run.Settings.Preprocessing), _time.GetUtcNow());
        return new TrainResult
        {
            Run = _run.Path,
            Model = _run.Settings.Model,
            ValidationAccuracy = _state.BestAccuracy,
            TestAccuracy = _data.Test.Count > 0 ? evaluation.Accuracy : null,
            Seconds = Math.Round(Seconds, 1),
            Epochs = _state.Epoch,
            BestWeightsSha256 = best,
            LastWeightsSha256 = last,
        };

        Predictions Judge(IReadOnlyList<Example> examples)
        {
            using var loader = Loader(examples, null, isTraining: false);
            return _memory.Validate(parts => ModelRunner.Predict(_model, _input, _data.Classes, _data.Images, examples, loader, cancel, parts));
        }
    }

    // Of the next batch but some; batches are numbered through the run.
    private BatchMix? Mix(int ahead) => _options.Augment is { } augment && _state.Epoch < _options.Epochs - augment.MixingOffEpochs
        ? BatchMix.Of(
            augment, _options.Seed, ((long)_state.Epoch * _trainLoader.BatchesPerEpoch) + _state.Batch + ahead, _run.Settings.Preprocessing.CropSize)
        : null;

    private void Stop()
    {
        SaveLast();
        Record(Event("notice") with { Message = "Stopped by the user; the checkpoint is written." });
        throw Stopped(null);
    }

    private StoppedException Stopped(string? why) => new(
        $"Stopped after step {_state.Step} of {TotalSteps}{(why is null ? "" : $" ({why})")}; nothing is lost. Go on with 'sightline train resume {_run.Path}'.");

    private void SaveLast() => _checkpoints.SaveLast(
        _model, _optimizer, _step.CheckpointParts, _state with { Seconds = Seconds, Meter = _meter.Read(), Memory = _memory.State, Guard = _watch.State });

    private BatchLoader Loader(IReadOnlyList<Example> examples, AugmentOptions? augment, bool isTraining) => new(
        _data.Images, examples, _run.Settings.Preprocessing, augment, new LoaderOptions
        {
            BatchSize = Math.Min(_options.BatchSize, examples.Count),
            Workers = _options.Workers ?? Environment.ProcessorCount,
            Shuffle = isTraining,
            DropLast = isTraining,
            Seed = _options.Seed,
            Sampling = isTraining ? _options.Sampling : Sampling.Natural,
            SamplingPower = _options.SamplingPower,
            Repeats = isTraining ? _options.Repeats : 1,
        });

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

    private void Record(RunEvent value)
    {
        _metrics.Write(value);
        Tell(value);
    }

    private void Tell(RunEvent value)
    {
        TrainingMetrics.Record(value, Path.GetFileName(_run.Path));
        _steering.Pulse.Told(value);
        _progress?.Report(value);
    }
}
