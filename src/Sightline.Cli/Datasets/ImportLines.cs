using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Data.Import;

namespace Sightline.Cli.Datasets;

/// <summary>An import's progress on standard error: one line that is written over on a terminal, else a line every few seconds.</summary>
internal sealed class ImportLines(Invocation invocation, TimeProvider time) : IProgress<ImportProgress>
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private string? _stage;
    private long _begun;
    private long _written;
    private int _width;

    public void Report(ImportProgress value)
    {
        if (value.Stage != _stage)
        {
            (_stage, _begun, _written) = (value.Stage, time.GetTimestamp(), time.GetTimestamp());
        }

        var isLast = value.Done == value.Total;
        if (!Terminal.IsWatched && !isLast && time.GetElapsedTime(_written) < LineInterval)
        {
            return;
        }

        _written = time.GetTimestamp();
        var line = Line(value, time.GetElapsedTime(_begun).TotalSeconds);
        if (Terminal.IsWatched)
        {
            invocation.Terminal.Error.Write($"\r{line.PadRight(_width)}{(isLast ? Environment.NewLine : "")}");
            _width = isLast ? 0 : line.Length;
        }
        else
        {
            invocation.Say(line);
        }
    }

    /// <summary>Ends a line that was being written over.</summary>
    public void End()
    {
        if (_width > 0)
        {
            invocation.Terminal.Error.WriteLine();
            _width = 0;
        }
    }

    private static string Line(ImportProgress value, double seconds)
    {
        var done = Amount(value.Done, value.Unit);
        if (value.Total is not { } total || total <= 0)
        {
            return $"{value.Stage}: {done}, {Readable.Duration(seconds)}";
        }

        var left = value.Done > 0 && value.Done < total ? $", {Readable.Duration(seconds * (total - value.Done) / value.Done)} left" : $", {Readable.Duration(seconds)}";
        return $"{value.Stage}: {(value.Unit == "bytes" ? done : $"{value.Done}")} of {Amount(total, value.Unit)} ({100.0 * value.Done / total:0} %){left}";
    }

    private static string Amount(long value, string unit) => unit == "bytes" ? Readable.Bytes(value) : $"{value} {unit}";
}
