using Sightline.Data;

namespace Sightline.Curation.Checks;

/// <summary>Files and folders that could not be used, as they were met when the data set was opened.</summary>
internal sealed class FileProblemsCheck : IDatasetCheck
{
    private const string Replace = "Replace the files from their source, or remove them.";

    private static readonly (FindingKind Kind, Severity Severity)[] Table =
    [
        (new("corrupt-file", "A picture file that cannot be decoded: damaged, cut short or too large.", Replace), Severity.Error),
        (new("unsupported-file", "A file that is no JPEG, PNG, WebP, BMP or GIF.", "Convert the pictures among them; remove the rest."), Severity.Error),
        (new("zero-byte-file", "A file without content.", Replace), Severity.Error),
        (new("unreadable-file", "A file that could not be read.", "Give yourself permission to read it, and check the disk."), Severity.Error),
        (new("unreadable-folder", "A folder that could not be listed.", "Give yourself permission to list it."), Severity.Error),
        (new("empty-class", "A class folder without files.", "Add pictures, or remove the folder."), Severity.Warning),
        (new("ignored-folder", "A folder beside the splits that belongs to none.", "Move it into a split, or out of the data set."), Severity.Note),
        (new("link-loop", "A link to a folder above itself.", "Remove the link."), Severity.Note),
    ];

    public IReadOnlyList<FindingKind> Kinds { get; } = [.. Table.Select(row => row.Kind)];

    public IEnumerable<Finding> Run(CheckInput input)
    {
        var severities = Table.ToDictionary(row => row.Kind.Name, row => row.Severity);
        var seen = input.Data.Notices.Select(notice => (Kind: KindOf(notice, input.Data.Location), notice.Subject, notice.Reason));

        // Decoding at the full size can meet what a reduced one does not; it is known only where another check had the pictures measured.
        var late = input.IsMeasured ? input.Failures.Select(failure => (Kind: "corrupt-file", Subject: input.Name(failure.Image), failure.Reason)) : [];
        return seen.Concat(late).Where(entry => severities.ContainsKey(entry.Kind)).Select(entry => new Finding
        {
            Kind = entry.Kind,
            Severity = severities[entry.Kind],
            Subject = entry.Subject,
            Reason = entry.Reason,
        });
    }

    private static string KindOf(DataNotice notice, string location)
    {
        if (notice.Kind != "corrupt-file")
        {
            return notice.Kind;
        }

        var file = new FileInfo(Path.Combine(location, notice.Subject));
        return file is { Exists: true, Length: 0 } ? "zero-byte-file" : notice.Kind;
    }
}
