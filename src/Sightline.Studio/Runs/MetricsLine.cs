using System.Text.Json;

namespace Sightline.Studio.Runs;

/// <summary>What the studio needs of a line of <c>metrics.jsonl</c>. Read by hand: a run has up to a million lines, and the readings of its layers are most of their bytes.</summary>
internal struct MetricsLine
{
    public string Kind;
    public int Epoch;
    public long Step;
    public long TotalSteps;
    public double Seconds;
    public DateTimeOffset At;
    public double TrainLoss;
    public double TrainAccuracy;
    public double ValidationLoss;
    public double ValidationAccuracy;
    public double LearningRate;
    public double GradientNorm;
    public double ImagesPerSecond;
    public double DataWaitShare;
    public string? Message;

    /// <summary>Reads a line; false where it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, out MetricsLine line)
    {
        line = new MetricsLine
        {
            Kind = "",
            TrainLoss = double.NaN, TrainAccuracy = double.NaN, ValidationLoss = double.NaN, ValidationAccuracy = double.NaN,
            LearningRate = double.NaN, GradientNorm = double.NaN, ImagesPerSecond = double.NaN, DataWaitShare = double.NaN,
        };
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadProperty(ref reader, ref line);
            }

            return line.Kind.Length > 0;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private static void ReadProperty(ref Utf8JsonReader reader, ref MetricsLine line)
    {
        if (reader.ValueTextEquals("kind"u8))
        {
            reader.Read();
            line.Kind = reader.ValueTextEquals("step"u8) ? "step" : reader.ValueTextEquals("epoch"u8) ? "epoch" : reader.GetString() ?? "";
        }
        else if (reader.ValueTextEquals("at"u8))
        {
            reader.Read();
            line.At = reader.GetDateTimeOffset();
        }
        else if (reader.ValueTextEquals("message"u8))
        {
            reader.Read();
            line.Message = reader.GetString();
        }
        else if (reader.ValueTextEquals("epoch"u8))
        {
            reader.Read();
            line.Epoch = reader.GetInt32();
        }
        else if (reader.ValueTextEquals("step"u8))
        {
            reader.Read();
            line.Step = reader.GetInt64();
        }
        else if (reader.ValueTextEquals("totalSteps"u8))
        {
            reader.Read();
            line.TotalSteps = reader.GetInt64();
        }
        else if (reader.ValueTextEquals("seconds"u8))
        {
            line.Seconds = Number(ref reader);
        }
        else if (reader.ValueTextEquals("trainLoss"u8))
        {
            line.TrainLoss = Number(ref reader);
        }
        else if (reader.ValueTextEquals("trainAccuracy"u8))
        {
            line.TrainAccuracy = Number(ref reader);
        }
        else if (reader.ValueTextEquals("validationLoss"u8))
        {
            line.ValidationLoss = Number(ref reader);
        }
        else if (reader.ValueTextEquals("validationAccuracy"u8))
        {
            line.ValidationAccuracy = Number(ref reader);
        }
        else if (reader.ValueTextEquals("learningRate"u8))
        {
            line.LearningRate = Number(ref reader);
        }
        else if (reader.ValueTextEquals("gradientNorm"u8))
        {
            line.GradientNorm = Number(ref reader);
        }
        else if (reader.ValueTextEquals("imagesPerSecond"u8))
        {
            line.ImagesPerSecond = Number(ref reader);
        }
        else if (reader.ValueTextEquals("dataWaitShare"u8))
        {
            line.DataWaitShare = Number(ref reader);
        }
        else
        {
            reader.Read();
            reader.Skip();
        }
    }

    // NaN and the infinities are written as words.
    private static double Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.Number => reader.GetDouble(),
            JsonTokenType.String when reader.ValueTextEquals("Infinity"u8) => double.PositiveInfinity,
            JsonTokenType.String when reader.ValueTextEquals("-Infinity"u8) => double.NegativeInfinity,
            _ => double.NaN,
        };
    }
}
