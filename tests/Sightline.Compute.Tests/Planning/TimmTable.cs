using System.Globalization;
using CsvHelper;
using Sightline.Compute.Planning;

namespace Sightline.Compute.Tests.Planning;

/// <summary>One row of timm's benchmark; tests/golden/throughput.py makes the file and says where it is from.</summary>
internal sealed record TimmRow(string Model, string Family, string Blocks, bool IsGated, bool IsSmooth, bool IsOther, double GMacs, double MActs, double MParams, int Size, int Batch, double Nhwc, double? Nchw)
{
    public double BestMilliseconds => 1000 / Math.Max(Nhwc, Nchw ?? 0);

    public double NhwcMilliseconds => 1000 / Nhwc;

    public ModelCosts Costs(string family) => new()
    {
        Name = Model,
        Family = family,
        Size = Size,
        Macs = (long)(GMacs * 1e9),
        Activations = (long)(MActs * 1e6),
        Parameters = (long)(MParams * 1e6),
        IsGated = IsGated,
        IsSmooth = IsSmooth,
    };
}

internal static class TimmTable
{
    public static IReadOnlyList<TimmRow> All { get; } = Read();

    /// <summary>One row per architecture: other weights of the same network are the same measurement again.</summary>
    public static IReadOnlyList<TimmRow> Distinct { get; } = [.. All.DistinctBy(row =>
        (row.Family.Length > 0 ? row.Family : row.Blocks, Math.Round(row.GMacs, 2), Math.Round(row.MActs, 2), row.MParams, row.Size, row.Batch))];

    private static List<TimmRow> Read()
    {
        using var reader = new StreamReader(Repository.File("tests", "golden", "throughput", "timm.csv"));
        using var csv = new CsvReader(reader, CultureInfo.InvariantCulture);
        csv.Read();
        csv.ReadHeader();
        var rows = new List<TimmRow>();
        while (csv.Read())
        {
            rows.Add(new TimmRow(
                csv.GetField("model")!, csv.GetField("family")!, csv.GetField("blocks")!, csv.GetField("gated") == "1", csv.GetField("smooth") == "1", csv.GetField("other") == "1",
                csv.GetField<double>("gmacs"), csv.GetField<double>("macts"), csv.GetField<double>("mparams"), csv.GetField<int>("size"), csv.GetField<int>("batch"),
                csv.GetField<double>("nhwc"), csv.GetField<double?>("nchw")));
        }

        return rows;
    }
}
