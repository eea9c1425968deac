using System.Diagnostics;
using Sightline.Data;
using Sightline.Runs;

namespace Sightline.Training;

/// <summary>The figures of a stretch of steps, from the last one that was written down.</summary>
/// <param name="meter">Borrowed; reading it waits for the device.</param>
/// <param name="loader">Borrowed; where the steps' batches come from.</param>
/// <param name="clock">Of the session.</param>
internal sealed class StepReport(TrainingMeter meter, BatchLoader loader, Stopwatch clock)
{
    private MeterReading _from = meter.Read();
    private TimeSpan _fromTime = clock.Elapsed;
    private TimeSpan _fromWait = loader.WaitTime;
    private TimeSpan _toldAt = clock.Elapsed;

    /// <summary>Time since somebody was told.</summary>
    public TimeSpan SinceTold => clock.Elapsed - _toldAt;

    /// <summary>The figures so far.</summary>
    /// <param name="blank">An event of now.</param>
    /// <param name="learningRate">Of the last step.</param>
    /// <param name="scaler">Of fp16; null in other precisions.</param>
    public RunEvent Of(RunEvent blank, double learningRate, LossScaler? scaler)
    {
        var since = meter.Read() - _from;
        var told = blank with
        {
            TrainLoss = since.Seen > 0 ? since.Loss : null,
            TrainAccuracy = since.Seen > 0 ? since.Accuracy : null,
            LearningRate = learningRate,
            GradientNorm = since.NormSum > 0 ? since.GradientNorm : null,
            LossScale = scaler?.Scale,
            SkippedSteps = scaler?.Skipped,
            ImagesPerSecond = since.Seen / (clock.Elapsed - _fromTime).TotalSeconds,
            DataWaitShare = (loader.WaitTime - _fromWait) / (clock.Elapsed - _fromTime),
        };
        _toldAt = clock.Elapsed;
        return told;
    }

    /// <summary>Begins the next stretch.</summary>
    public void Restart() => (_from, _fromTime, _fromWait) = (meter.Read(), clock.Elapsed, loader.WaitTime);
}
