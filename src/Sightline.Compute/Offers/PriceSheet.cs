using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Sightline.Compute.Offers;

/// <summary>Prices in a CSV or YAML file: of any provider, and of those that have no price list to ask.</summary>
public static class PriceSheet
{
    /// <summary>The columns of a CSV sheet; a YAML sheet is a list of objects with the same names.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "provider", "instance", "accelerator", "count", "vcpus", "memory_gib", "gpu_memory_mib", "region", "zone", "price_usd_hour", "spot_usd_hour",
        "part", "seen_on", "source", "host",
    ];

    /// <summary>Reads a sheet.</summary>
    /// <param name="path">A file that ends in <c>.csv</c>, <c>.yaml</c> or <c>.yml</c>.</param>
    /// <exception cref="ComputeException">It is not there, of another kind, or a value is wrong; the message names the row and the column.</exception>
    public static IReadOnlyList<PriceRow> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new ComputeException(ComputeTrouble.NotFound, $"The price sheet '{path}' is not there.");
        }

        using var reader = new StreamReader(path);
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => ReadCsv(reader, path),
            ".yaml" or ".yml" => ReadYaml(reader, path),
            var other => throw new ComputeException(ComputeTrouble.BadData, $"The price sheet '{path}' ends in '{other}'; it must end in .csv, .yaml or .yml."),
        };
    }

    /// <summary>Writes a CSV sheet.</summary>
    internal static void WriteCsv(TextWriter target, IEnumerable<PriceRow> rows)
    {
        using var csv = new CsvWriter(target, CultureInfo.InvariantCulture, leaveOpen: true);
        foreach (var column in Columns)
        {
            csv.WriteField(column);
        }

        csv.NextRecord();
        foreach (var row in rows)
        {
            csv.WriteField(row.Provider);
            csv.WriteField(row.Instance);
            csv.WriteField(row.Accelerator);
            csv.WriteField(row.Count);
            csv.WriteField(row.VirtualCpus);
            csv.WriteField(row.MemoryGib);
            csv.WriteField(row.GpuMemoryMib);
            csv.WriteField(row.Region);
            csv.WriteField(row.Zone);
            csv.WriteField(row.PricePerHourUsd);
            csv.WriteField(row.SpotPricePerHourUsd);
            csv.WriteField(row.Part.ToString().ToLowerInvariant());
            csv.WriteField(row.SeenOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            csv.WriteField(row.Source);
            csv.WriteField(row.Host);
            csv.NextRecord();
        }
    }

    internal static IReadOnlyList<PriceRow> ReadCsv(TextReader reader, string origin)
    {
        using var csv = new CsvReader(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            TrimOptions = TrimOptions.Trim,
            AllowComments = true,
            MissingFieldFound = null,
            BadDataFound = bad => throw new ComputeException(ComputeTrouble.BadData, $"{origin}, row {bad.Context.Parser?.Row}: a quote is not closed or stands inside a value."),
        });
        var rows = new List<PriceRow>();
        if (!csv.Read() || !csv.ReadHeader())
        {
            throw new ComputeException(ComputeTrouble.BadData, $"{origin} is empty. Its first line must name the columns: {string.Join(",", Columns)}.");
        }

        CheckNames(csv.HeaderRecord ?? [], origin);
        while (csv.Read())
        {
            rows.Add(ToRow(name => csv.TryGetField<string>(name, out var value) ? value : null, $"{origin}, row {csv.Parser.Row}"));
        }

        return rows;
    }

    private static List<PriceRow> ReadYaml(TextReader reader, string path)
    {
        try
        {
            var list = new DeserializerBuilder().WithNamingConvention(NullNamingConvention.Instance).Build().Deserialize<List<Dictionary<string, string?>>?>(reader) ?? [];
            return [.. list.Select((entry, index) =>
            {
                CheckNames(entry.Keys, $"{path}, entry {index + 1}", columnsNeeded: false);
                return ToRow(name => entry.GetValueOrDefault(name), $"{path}, entry {index + 1}");
            })];
        }
        catch (YamlException error)
        {
            throw new ComputeException(ComputeTrouble.BadData, $"{path}, line {error.Start.Line}: {error.Message} A sheet is a list of entries with the names {string.Join(", ", Columns)}.", error);
        }
    }

    private static void CheckNames(IEnumerable<string> names, string origin, bool columnsNeeded = true)
    {
        var given = names.Select(name => name.Trim()).ToList();
        if (given.FirstOrDefault(name => !Columns.Contains(name)) is { } unknown)
        {
            throw new ComputeException(ComputeTrouble.BadData, $"{origin}: '{unknown}' is no column of a price sheet. There are: {string.Join(", ", Columns)}.");
        }

        if (columnsNeeded && new[] { "provider", "accelerator", "price_usd_hour" }.FirstOrDefault(name => !given.Contains(name)) is { } missing)
        {
            throw new ComputeException(ComputeTrouble.BadData, $"{origin}: the column '{missing}' is missing. A sheet needs provider, accelerator and price_usd_hour.");
        }
    }

    private static PriceRow ToRow(Func<string, string?> get, string where)
    {
        string Text(string name) => get(name)?.Trim() ?? "";
        T? Value<T>(string name, string kind) where T : struct, ISpanParsable<T> => Text(name) is not { Length: > 0 } text ? null
            : T.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value
            : throw new ComputeException(ComputeTrouble.BadData, $"{where}: {name} is '{text}'; it must be {kind}.");
        var part = Text("part") is { Length: > 0 } word
            ? Enum.TryParse<PricePart>(word, ignoreCase: true, out var known) ? known
                : throw new ComputeException(ComputeTrouble.BadData, $"{where}: part is '{word}'; it must be machine, host or gpu.")
            : PricePart.Machine;
        if (Text("provider").Length == 0)
        {
            throw new ComputeException(ComputeTrouble.BadData, $"{where}: provider is empty; give the seller's name, such as burncloud.");
        }

        return new PriceRow
        {
            Provider = Text("provider").ToLowerInvariant(),
            Instance = Text("instance"),
            Accelerator = Text("accelerator"),
            Count = Value<int>("count", "a whole number") ?? 1,
            VirtualCpus = Value<int>("vcpus", "a whole number"),
            MemoryGib = Value<double>("memory_gib", "a number"),
            GpuMemoryMib = Value<int>("gpu_memory_mib", "a whole number of MiB"),
            Region = Text("region"),
            Zone = Text("zone"),
            PricePerHourUsd = Value<decimal>("price_usd_hour", "a price in USD per hour, with a point"),
            SpotPricePerHourUsd = Value<decimal>("spot_usd_hour", "a price in USD per hour, with a point"),
            Part = part,
            SeenOn = Value<DateOnly>("seen_on", "a date as 2026-11-24"),
            Source = Text("source") is { Length: > 0 } source ? source : $"price sheet {Path.GetFileName(where.Split(',')[0])}",
            Host = Text("host"),
        };
    }
}
