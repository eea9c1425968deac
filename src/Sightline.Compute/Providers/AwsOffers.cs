using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using Sightline.Compute.Offers;

namespace Sightline.Compute.Providers;

/// <summary>AWS: the public bulk price list of EC2, one CSV per region, read as a stream; spot needs a signed request and is not asked.</summary>
internal sealed class AwsOffers : IOfferSource
{
    // Five lines of disclaimer come before the heading.
    private const string HeadingStart = "\"SKU\"";
    private const int MostLinesBeforeHeading = 20;
    private static readonly string[] _usualRegions = ["us-east-1"];

    public string Id => "aws";

    public string Name => "AWS";

    public string About => "bulk price list, public, several hundred MB per region; on-demand only, spot prices need an AWS log-in";

    public Uri? DefaultAddress { get; } = new("https://pricing.us-east-1.amazonaws.com");

    public string? CredentialName => null;

    public async Task<IReadOnlyList<PriceRow>> FetchAsync(PriceRequest request, CancellationToken cancellationToken)
    {
        var rows = new List<PriceRow>();
        foreach (var region in request.Regions.Count > 0 ? request.Regions : _usualRegions)
        {
            var address = new Uri(request.Address, $"/offers/v1.0/aws/AmazonEC2/current/{Uri.EscapeDataString(region)}/index.csv");
            rows.AddRange(await request.Client.ReadAsync(Name, address, (reader, token) => ReadAsync(reader, region, request.Today, token), cancellationToken).ConfigureAwait(false));
        }

        return rows;
    }

    private async Task<List<PriceRow>> ReadAsync(TextReader reader, string region, DateOnly today, CancellationToken cancellationToken)
    {
        string? heading = null;
        for (var i = 0; i < MostLinesBeforeHeading && heading is null; i++)
        {
            var line = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            heading = line is not null && line.StartsWith(HeadingStart, StringComparison.Ordinal) ? line : null;
        }

        var columns = heading?.Split(',').Select((name, index) => (Name: name.Trim('"'), index)).ToDictionary(column => column.Name, column => column.index, StringComparer.Ordinal)
            ?? throw new ComputeException(ComputeTrouble.Provider, "AWS answered with a price list without its heading: its form may have changed. The prices known so far stay in use.");
        using var csv = new CsvReader(reader, new CsvConfiguration(CultureInfo.InvariantCulture) { HasHeaderRecord = false, BadDataFound = null }, leaveOpen: true);
        var rows = new List<PriceRow>();
        while (await csv.ReadAsync().ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string Field(string name) => columns.TryGetValue(name, out var index) ? csv.GetField(index) ?? "" : "";
            if (MachineTypes.Find(Id, Field("Instance Type")) is { } type && Field("TermType") == "OnDemand" && Field("Tenancy") == "Shared" && Field("Operating System") == "Linux"
                && Field("CapacityStatus") == "Used" && Field("Pre Installed S/W") is "NA" or "" && Field("Unit") == "Hrs"
                && decimal.TryParse(Field("PricePerUnit"), NumberStyles.Float, CultureInfo.InvariantCulture, out var price))
            {
                rows.Add(type.Row(region, price, null, today, "AWS bulk price list"));
            }
        }

        return rows;
    }
}
