using System.Text.Json;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Cli.Jobs;

/// <summary>The result of a training elsewhere: the document that it printed, which is in the job's log.</summary>
internal static class RemoteResult
{
    /// <summary>Reads it; the run is the local folder.</summary>
    /// <exception cref="DataException">The log holds no result.</exception>
    public static TrainResult Read(string runFolder)
    {
        var log = Path.Combine(runFolder, "job.log");
        var text = File.Exists(log) ? File.ReadAllText(log) : "";
        var start = text.StartsWith('{') && text.LastIndexOf("\n{", StringComparison.Ordinal) < 0 ? 0 : text.LastIndexOf("\n{", StringComparison.Ordinal) + 1;
        var end = text.LastIndexOf('}') + 1;
        try
        {
            using var document = JsonDocument.Parse(start < end ? text[start..end] : "");
            var json = document.RootElement;
            return new TrainResult
            {
                Run = RunFolder.Open(runFolder).Path,
                Model = json.GetProperty("model").GetString() ?? "",
                ValidationAccuracy = json.GetProperty("validationAccuracy").GetDouble(),
                TestAccuracy = json.TryGetProperty("testAccuracy", out var test) ? test.GetDouble() : null,
                Seconds = json.GetProperty("seconds").GetDouble(),
                Epochs = json.GetProperty("epochs").GetInt32(),
                BestWeightsSha256 = json.GetProperty("bestWeightsSha256").GetString() ?? "",
                LastWeightsSha256 = json.GetProperty("lastWeightsSha256").GetString() ?? "",
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new DataException($"The job's log '{log}' holds no result, though the job ended well ({error.Message}). Look at the log; the run's folder has what was trained.", error);
        }
    }

    /// <summary>The last lines of a job's log, for a message about a failure.</summary>
    public static string Tail(string runFolder, int lines)
    {
        var log = Path.Combine(runFolder, "job.log");
        return File.Exists(log) ? string.Join(Environment.NewLine, File.ReadLines(log).TakeLast(lines)) : "";
    }
}
