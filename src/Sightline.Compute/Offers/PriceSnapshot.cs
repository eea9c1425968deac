namespace Sightline.Compute.Offers;

/// <summary>The prices that ship with the product, so that it is of use without a network: dated and sourced, row by row.</summary>
public static class PriceSnapshot
{
    private static readonly Lazy<IReadOnlyList<PriceRow>> _rows = new(Read);

    /// <summary>The rows, unchecked.</summary>
    public static IReadOnlyList<PriceRow> Rows => _rows.Value;

    private static IReadOnlyList<PriceRow> Read()
    {
        using var stream = typeof(PriceSnapshot).Assembly.GetManifestResourceStream("prices.csv")!; // Embedded by the project file.
        using var reader = new StreamReader(stream);
        return PriceSheet.ReadCsv(reader, "the price snapshot");
    }
}
