using Sightline.Runs;

namespace Sightline.Cli.Progress;

/// <summary>A line per epoch, and one after 30 seconds without.</summary>
internal sealed class ProgressLines(int epochs, TextWriter target, TimeProvider time) : TrainProgress
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private TrainStatus _status = new() { Epochs = epochs };
    private long _lastLine = time.GetTimestamp();

    public override void Report(RunEvent value)
    {
        _status = _status.Next(value);
        if (Notice(value) is { } notice)
        {
            target.WriteLine(notice);
        }
        else if (value.Kind == "epoch" || (value.Kind == "step" && time.GetElapsedTime(_lastLine) >= Patience))
        {
            target.WriteLine(_status.Line());
            _lastLine = time.GetTimestamp();
        }
    }
}
