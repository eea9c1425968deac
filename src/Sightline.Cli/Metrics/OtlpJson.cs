using System.Globalization;
using System.Text.Json;
using Sightline.Training;

namespace Sightline.Cli.Metrics;

/// <summary>A training's figures as an OTLP export request in JSON.</summary>
/// <remarks>
/// opentelemetry-proto: opentelemetry/proto/collector/metrics/v1/metrics_service.proto and metrics/v1/metrics.proto, in proto3's JSON form: 64-bit
/// integers and NaN are text, enumerations are numbers (docs/specification.md, "JSON Protobuf Encoding").
/// </remarks>
internal static class OtlpJson
{
    // AGGREGATION_TEMPORALITY_CUMULATIVE.
    private const int Cumulative = 2;

    public static byte[] Of(IReadOnlyList<TrainingFigure> figures, DateTimeOffset begun, string version) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            resourceMetrics = new[]
            {
                new
                {
                    resource = new { attributes = new[] { Attribute("service.name", "sightline"), Attribute("service.version", version), Attribute("host.name", Environment.MachineName) } },
                    scopeMetrics = new[]
                    {
                        new
                        {
                            scope = new { name = TrainingMetrics.MeterName, version },
                            metrics = figures.GroupBy(figure => figure.Instrument.Name).Select(family => Metric([.. family], begun)).ToArray(),
                        },
                    },
                },
            },
        },
        SightlineJson.Line);

    private static Dictionary<string, object?> Metric(IReadOnlyList<TrainingFigure> family, DateTimeOffset begun)
    {
        var instrument = family[0].Instrument;
        var metric = new Dictionary<string, object?> { ["name"] = instrument.Name, ["description"] = instrument.Description, ["unit"] = instrument.Unit };
        var points = family.Select(figure => Point(figure, begun)).ToArray();
        if (family[0].IsCounter)
        {
            metric["sum"] = new { dataPoints = points, aggregationTemporality = Cumulative, isMonotonic = true };
        }
        else
        {
            metric["gauge"] = new { dataPoints = points };
        }

        return metric;
    }

    private static Dictionary<string, object?> Point(TrainingFigure figure, DateTimeOffset begun)
    {
        var point = new Dictionary<string, object?>
        {
            ["attributes"] = figure.Tags.Select(tag => Attribute(tag.Key, tag.Value)).ToArray(),
            ["timeUnixNano"] = Nanoseconds(figure.At),
        };
        if (figure.IsCounter)
        {
            point["startTimeUnixNano"] = Nanoseconds(begun);
            point["asInt"] = figure.Value.ToString("F0", CultureInfo.InvariantCulture);
        }
        else
        {
            point["asDouble"] = figure.Value;
        }

        return point;
    }

    private static object Attribute(string key, string value) => new { key, value = new { stringValue = value } };

    private static string Nanoseconds(DateTimeOffset at) => ((at - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick).ToString(CultureInfo.InvariantCulture);
}
