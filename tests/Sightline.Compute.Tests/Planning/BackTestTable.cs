using System.Globalization;

namespace Sightline.Compute.Tests.Planning;

/// <summary>The lines of the back-test table in docs/gpus-and-prices.md: a test compares each with what it finds.</summary>
internal static class BackTestTable
{
    private static readonly string _page = File.ReadAllText(Repository.File("docs", "gpus-and-prices.md"));

    public static string Percent(double value) => string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.0} %");

    /// <summary>Whether the page has this line.</summary>
    public static void Holds(string line)
    {
        if (Environment.GetEnvironmentVariable("SIGHTLINE_APPROVE") == "1" && !_page.Contains(line, StringComparison.Ordinal))
        {
            File.AppendAllText(Repository.File("docs", "gpus-and-prices.md"), line + "\n"); // To be moved to its place by hand.
            return;
        }

        Xunit.Assert.Contains(line, _page);
    }
}
