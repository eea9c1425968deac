using Sightline.Runs;
using Xunit;

namespace Sightline.Tests.Runs.Report;

public sealed class ReportSampleTests
{
    /// <summary>Also the way to look at one: docs/images/make-report-picture.sh sets the variable and takes the picture.</summary>
    [Fact]
    public void Write_leaves_two_whole_files_below_3_MB()
    {
        var kept = Environment.GetEnvironmentVariable("SIGHTLINE_REPORT_SAMPLE");
        var folder = Directory.CreateDirectory(kept ?? Path.Combine(Path.GetTempPath(), $"sightline-report-{Guid.NewGuid():N}"));
        try
        {
            RunReport.Write(folder.FullName, ReportSample.Make());

            Assert.Equal(["report.html", "report.json"], folder.GetFiles("report.*").Select(file => file.Name).Order());
            Assert.InRange(new FileInfo(Path.Combine(folder.FullName, "report.html")).Length, 50_000, 3_000_000);
        }
        finally
        {
            if (kept is null)
            {
                folder.Delete(recursive: true);
            }
        }
    }
}
