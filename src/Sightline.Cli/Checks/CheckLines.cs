using Sightline.Cli.CommandLine;
using Sightline.Curation;

namespace Sightline.Cli.Checks;

/// <summary>A line of progress every few seconds; none for a check that is done before.</summary>
internal sealed class CheckLines(Invocation invocation, TimeProvider time) : IProgress<CheckProgress>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private long _last = time.GetTimestamp();

    public void Report(CheckProgress value)
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_last) < Patience)
            {
                return;
            }

            _last = time.GetTimestamp();
            invocation.Say($"{value.Done} of {value.Total} {value.What}, {time.GetElapsedTime(_start).TotalSeconds:0} s");
        }
    }
}
