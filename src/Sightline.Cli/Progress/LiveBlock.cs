using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Sightline.Cli.Progress;

/// <summary>A block of lines on the terminal that is drawn anew as the run goes on.</summary>
internal sealed class LiveBlock : TrainProgress
{
    private const int BarWidth = 40;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly IAnsiConsole _console;
    private TrainStatus _status;
    private LiveDisplayContext? _display;
    private long _drawn;

    public LiveBlock(int epochs)
    {
        _status = new TrainStatus { Epochs = epochs };
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Error),
            Ansi = AnsiSupport.Yes,
            ColorSystem = Terminal.IsColourful ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
    }

    public override T Around<T>(Func<T> work)
    {
        // Start takes no result in its synchronous form.
        T result = default!;
        _console.Live(Draw()).Start(display =>
        {
            _display = display;
            result = work();
            display.UpdateTarget(Draw());
        });
        return result;
    }

    public override void Report(RunEvent value)
    {
        _status = _status.Next(value);
        if (Notice(value) is { } notice)
        {
            _console.WriteLine(notice);
        }

        // Drawing costs about a millisecond, so not at every step.
        if (value.Kind != "step" || TimeProvider.System.GetElapsedTime(_drawn) >= Interval)
        {
            _drawn = TimeProvider.System.GetTimestamp();
            _display?.UpdateTarget(Draw());
        }
    }

    private IRenderable Draw()
    {
        var filled = (int)(BarWidth * _status.Share);
        var left = _status.SecondsLeft is { } seconds ? Readable.Duration(seconds) : "-";
        return new Rows(
            new Markup($"[bold]epoch {_status.Epoch}/{_status.Epochs}[/]  [green]{new string('━', filled)}[/][grey]{new string('─', BarWidth - filled)}[/]  {100 * _status.Share:0} %"),
            new Text($"step {_status.Step}/{_status.TotalSteps}   loss {Number(_status.Loss, "0.0000")}   learning rate {Number(_status.LearningRate, "0.####e+0")}"),
            new Text($"validation {Readable.Percent(_status.ValidationAccuracy)}   best {Readable.Percent(_status.BestAccuracy)}"),
            new Text($"{Number(_status.ImagesPerSecond, "0")} img/s   elapsed {Readable.Duration(_status.Seconds)}   left {left}"));
    }

    private static string Number(double? value, string format) => value?.ToString(format) ?? "-";
}
