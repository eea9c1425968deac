using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sightline.Runs.Report;

namespace Sightline.Studio.Runs;

/// <summary>
/// A run's events as server-sent events. Each carries the offset of its line in <c>metrics.jsonl</c> as its number, so that a browser that was cut off
/// goes on exactly where it was: none is lost and none comes twice. Every viewer reads the file itself; there is no queue that could overflow.
/// </summary>
internal static class LiveEvents
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private const long BytesPerTurn = 1 << 20;

    /// <summary>What a line of the log says about an event; null where it is none.</summary>
    public static string? Words(in MetricsLine line) => line.Kind switch
    {
        "step" or "layers" => null,
        "epoch" => $"Epoch {line.Epoch}: training loss {Sightline.Runs.Report.Words.Number(line.TrainLoss, 4)}, validation {Sightline.Runs.Report.Words.Percent(double.IsNaN(line.ValidationAccuracy) ? null : line.ValidationAccuracy, 2)}",
        _ => line.Message is { Length: > 0 } said ? said : char.ToUpperInvariant(line.Kind[0]) + line.Kind[1..],
    };

    /// <summary>Sends until the browser goes away.</summary>
    public static async Task Send(HttpContext context, string path, long after, TimeProvider time)
    {
        var cancel = context.RequestAborted;
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await context.Response.WriteAsync("retry: 1000\n\n", cancel);
        var tail = new MetricsTail(path);
        tail.StartAt(after);
        using var timer = new PeriodicTimer(Pause, time);
        var quiet = time.GetTimestamp();
        var text = new ArrayBufferWriter<byte>();
        do
        {
            text.ResetWrittenCount();
            if (!tail.Read((line, end) => Write(line, end, text), BytesPerTurn))
            {
                tail.StartAt(0);
                text.ResetWrittenCount();
                text.Write("event: reset\nid: 0\ndata: {}\n\n"u8);
            }

            if (text.WrittenCount > 0)
            {
                await context.Response.Body.WriteAsync(text.WrittenMemory, cancel);
                quiet = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(quiet) > Heartbeat)
            {
                await context.Response.WriteAsync(": still here\n\n", cancel); // Finds out whether the browser is.
                quiet = time.GetTimestamp();
            }

            await context.Response.Body.FlushAsync(cancel);
        }
        while (await timer.WaitForNextTickAsync(cancel));
    }

    private static void Write(ReadOnlySpan<byte> json, long end, ArrayBufferWriter<byte> target)
    {
        if (!MetricsLine.TryRead(json, out var line))
        {
            return;
        }

        target.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {end}\ndata: ")));
        using (var writer = new Utf8JsonWriter(target))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", line.Kind);
            writer.WriteString("at", line.At);
            writer.WriteNumber("epoch", line.Epoch);
            writer.WriteNumber("step", line.Step);
            writer.WriteNumber("totalSteps", line.TotalSteps);
            writer.WriteNumber("seconds", line.Seconds);
            Figure(writer, "trainLoss", line.TrainLoss);
            Figure(writer, "trainAccuracy", line.TrainAccuracy);
            Figure(writer, "validationLoss", line.ValidationLoss);
            Figure(writer, "validationAccuracy", line.ValidationAccuracy);
            Figure(writer, "learningRate", line.LearningRate);
            Figure(writer, "gradientNorm", line.GradientNorm);
            Figure(writer, "imagesPerSecond", line.ImagesPerSecond);
            Figure(writer, "dataWaitShare", line.DataWaitShare);
            if (Words(line) is { } words)
            {
                writer.WriteString("words", words);
            }

            writer.WriteEndObject();
        }

        target.Write("\n\n"u8);
    }

    private static void Figure(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumber(name, value);
        }
    }
}
