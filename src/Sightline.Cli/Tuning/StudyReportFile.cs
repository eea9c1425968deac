using Sightline.Search.Report;
using Sightline.Tuning;

namespace Sightline.Cli.Tuning;

/// <summary>Writes a study's report.</summary>
internal static class StudyReportFile
{
    /// <summary>Writes the page whole or not at all.</summary>
    /// <exception cref="SettingsException">The study has several objectives.</exception>
    public static void Write(string file, Study study, ObjectiveSpec? spec) => AtomicFile.WriteText(
        file, StudyPage.Write(StudyReports.Of(study, spec?.Training is not null, spec is null ? [] : Winners.Rows(Winners.Read(spec.Folder)), TimeProvider.System.GetUtcNow())));
}
