using System.Text.Json;
using System.Text.Json.Serialization;
using Sightline.Compute.Monitoring;

namespace Sightline.Runs;

/// <summary>Writes host and GPU samples of a training to <c>system.jsonl</c>, every five seconds, and asks the rules about them.</summary>
internal sealed class SystemRecorder : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(SightlineJson.Line) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly RunFolder _run;
    private readonly Func<JobReading> _job;
    private readonly AlertLog _alerts;
    private readonly AlertOptions _rules;
    private readonly List<SystemSample> _samples = [];
    private readonly SystemSampler _sampler;

    /// <summary>Begins to sample.</summary>
    /// <param name="run">The run whose folder is written to.</param>
    /// <param name="time">Clock.</param>
    /// <param name="job">What the training does; asked on the sampler's thread.</param>
    public SystemRecorder(RunFolder run, TimeProvider time, Func<JobReading> job)
    {
        (_run, _job, _alerts, _rules) = (run, job, new AlertLog(run), run.Settings.Options.Alerts);
        _alerts.New();
        _sampler = new SystemSampler(Take, time);
    }

    /// <summary>Where the samples lie in a run's folder.</summary>
    public static string FileIn(RunFolder run) => Path.Combine(run.Path, "system.jsonl");

    /// <summary>A line of the file; null where it is none.</summary>
    public static SystemSample? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<SystemSample>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Dispose() => _sampler.Dispose();

    private void Take(SystemSample sample)
    {
        _samples.RemoveAll(old => sample.At - old.At > _rules.Memory);
        _samples.Add(sample);
        try
        {
            File.AppendAllText(FileIn(_run), JsonSerializer.Serialize(sample, Json) + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A full disk is told by the training itself.
        }

        var job = _job();
        foreach (var alert in new[]
        {
            Rules.Stalled(job, sample.At, _rules), Rules.Starved(_samples, job, sample.At, _rules), Rules.Heat(_samples, sample.At, _rules),
            Rules.NotFinite(job, sample.At), Rules.Lost(_samples, sample.At),
        })
        {
            if (alert is not null)
            {
                _alerts.Raise(alert);
            }
        }
    }
}
