using Sightline.Runs;
using Xunit;

namespace Sightline.Tests.Runs.Control;

/// <summary>Requests are written and read whole, whatever else happens to the file.</summary>
public sealed class ControlFileTests : IDisposable
{
    private readonly RunSample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void Requests_of_many_writers_all_arrive_whole()
    {
        var reader = new ControlReader(_sample.Run, new NoWait());

        Parallel.For(0, 40, i => ControlFile.Ask(_sample.Run, ControlAction.Adjust, new AdjustableSettings { Epochs = i + 1 }, TimeProvider.System, $"user{i}@host"));

        var read = reader.Look();
        Assert.All(read, request => Assert.Null(request.Problem));
        Assert.Equal(Enumerable.Range(1, 40), read.Select(request => request.Settings!.Epochs!.Value).Order()); // Asked for above.
        Assert.Empty(reader.Look());
    }

    [Fact]
    public void A_line_that_is_still_being_written_is_left_for_the_next_look()
    {
        var reader = new ControlReader(_sample.Run, new NoWait());
        var line = new ControlRequest("one", DateTimeOffset.UnixEpoch, "a@b", ControlAction.Pause).Line();
        File.WriteAllText(ControlFile.In(_sample.Run), line[..20]);

        Assert.Empty(reader.Look());
        File.AppendAllText(ControlFile.In(_sample.Run), line[20..] + "\n");

        Assert.Equal(new ControlRequest("one", DateTimeOffset.UnixEpoch, "a@b", ControlAction.Pause), Assert.Single(reader.Look()));
    }

    [Fact]
    public void A_writer_killed_within_its_line_spoils_no_other_line()
    {
        File.WriteAllText(ControlFile.In(_sample.Run), "{\"id\":\"cut");

        ControlFile.Ask(_sample.Run, ControlAction.Stop, null, TimeProvider.System);

        var read = new ControlReader(_sample.Run, new NoWait()).Look();
        Assert.Equal(2, read.Count);
        Assert.Contains("is no request", read[0].Problem);
        Assert.Equal((ControlAction.Stop, null), (read[1].Action, read[1].Problem));
    }

    [Theory]
    [InlineData("""{"id":"a","at":"2026-01-31T12:00:00Z","by":"x@y","action":"adjst"}""", "The action is 'adjst'; it must be pause, resume, stop or adjust.")]
    [InlineData("""{"id":"a","at":"2026-01-31T12:00:00Z","by":"x@y","action":"1"}""", "The action is '1'; it must be pause, resume, stop or adjust.")]
    [InlineData("""{"id":"a","at":"2026-01-31T12:00:00Z","by":"x@y","action":"adjust","settings":{"epoch":3}}""", "'epoch' cannot be adjusted while a run runs. Did you mean 'epochs'?")]
    [InlineData("""{"id":"a","at":"2026-01-31T12:00:00Z","by":"x@y","action":"adjust","settings":{"epochs":"many"}}""", "cannot be read")]
    [InlineData("[1]", "is no request")]
    public void What_is_wrong_with_a_line_is_told(string line, string problem) => Assert.Contains(problem, ControlRequest.Read(line, DateTimeOffset.UnixEpoch).Problem);

    [Fact]
    public void Within_a_quarter_of_a_second_nothing_is_looked_at()
    {
        var clock = new Clock();
        var reader = new ControlReader(_sample.Run, clock);
        reader.Look();
        ControlFile.Ask(_sample.Run, ControlAction.Pause, null, TimeProvider.System);

        clock.Now += TimeSpan.FromMilliseconds(249);
        Assert.Empty(reader.Look());
        clock.Now += TimeSpan.FromMilliseconds(1);

        Assert.Single(reader.Look());
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    // A second passes between any two looks.
    private sealed class NoWait : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Interlocked.Increment(ref _seconds);
    }
}
