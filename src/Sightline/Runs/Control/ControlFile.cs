using System.Text;

namespace Sightline.Runs;

/// <summary>The file by which a running run is spoken to: <c>control.jsonl</c>, one request per line, only ever appended to.</summary>
internal static class ControlFile
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Where it lies in a run's folder.</summary>
    public static string In(RunFolder run) => Path.Combine(run.Path, "control.jsonl");

    /// <summary>Who asks: the user of this process at this machine.</summary>
    public static string Asker => $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>Writes a request, whole or not at all in the eyes of the run.</summary>
    /// <param name="run">The run that is asked.</param>
    /// <param name="action">What is asked.</param>
    /// <param name="settings">For adjust: what to change.</param>
    /// <param name="time">Gives the time of the request.</param>
    /// <param name="by">Who asks; null: <see cref="Asker"/>.</param>
    /// <exception cref="SightlineException">The folder cannot be written, or another writer does not end.</exception>
    public static ControlRequest Ask(RunFolder run, ControlAction action, AdjustableSettings? settings, TimeProvider time, string? by = null)
    {
        var request = new ControlRequest(Guid.NewGuid().ToString("N")[..12], time.GetUtcNow(), by ?? Asker, action, settings);
        var file = In(run);
        try
        {
            // .NET appends at the end that it saw when it opened the file, so writers take turns. The run itself reads without the lock.
            using var turn = Lock(file + ".lock", time);
            using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            var isCut = stream.Length > 0 && LastByte(stream) != '\n'; // A writer was killed within its line.
            stream.Seek(0, SeekOrigin.End);
            stream.Write(Encoding.UTF8.GetBytes($"{(isCut ? "\n" : "")}{request.Line()}\n"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SightlineException(ExitCode.Unexpected, $"The request could not be written to '{file}' ({error.Message}). Check the permissions of the run's folder.", error);
        }

        return request;
    }

    private static int LastByte(FileStream stream)
    {
        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte();
    }

    private static FileStream Lock(string file, TimeProvider time)
    {
        var began = time.GetTimestamp();
        using var never = new ManualResetEvent(false);
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (time.GetElapsedTime(began) < Patience)
            {
                never.WaitOne(20);
            }
        }
    }
}

/// <summary>Reads the requests to a run as they come.</summary>
internal sealed class ControlReader(RunFolder run, TimeProvider time)
{
    // Looking costs one question about the file's length.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly LineTail _tail = new(ControlFile.In(run));
    private long _lookedAt;
    private bool _hasLooked;

    /// <summary>The requests that came since the last look; none within 250 ms of it.</summary>
    public IReadOnlyList<ControlRequest> Look()
    {
        if (_hasLooked && time.GetElapsedTime(_lookedAt) < Interval)
        {
            return [];
        }

        (_hasLooked, _lookedAt) = (true, time.GetTimestamp());
        return [.. _tail.New().Select(line => ControlRequest.Read(line, time.GetUtcNow()))];
    }
}
