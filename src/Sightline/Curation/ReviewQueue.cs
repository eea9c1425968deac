using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Data;
using Sightline.Data.Import;
using Sightline.Data.Store;

namespace Sightline.Curation;

/// <summary>The findings of a check about which nothing was decided yet, and their round trip through a CSV file.</summary>
public static class ReviewQueue
{
    private static readonly string[] Columns = ["number", "kind", "severity", "image", "label", "others", "suggested", "score", "reason", "decision", "new_label"];

    private static readonly JsonSerializerOptions Lenient = new(SightlineJson.Line) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Skip };

    /// <summary>Reads a check's report and leaves out what is settled: pictures that were excluded, relabelled or kept, pairs that are no duplicates.</summary>
    /// <param name="store">The store.</param>
    /// <param name="version">The version that was checked; its pictures are what the findings count.</param>
    /// <param name="report">A JSON document whose <c>findings</c> is a list of <see cref="Finding"/>.</param>
    /// <param name="kinds">Only these kinds; empty for all.</param>
    /// <returns>The most severe first, then in the report's order. Findings without pictures are not in it: nothing can be decided about them.</returns>
    /// <exception cref="NotFoundException">There is no such report.</exception>
    /// <exception cref="DataException">It cannot be read, or does not belong to the version.</exception>
    public static IReadOnlyList<ReviewItem> Open(DatasetStore store, DatasetVersion version, string report, IReadOnlyList<string> kinds)
    {
        var images = store.ReadImages(version).Where(image => image.Excluded is null).ToArray();
        var settled = new Settled(store.Decisions(version.Name).Active(), store.Find(version.Name), store);
        var items = new List<ReviewItem>();
        foreach (var finding in ReadFindings(report).OrderByDescending(finding => finding.Severity))
        {
            if (finding.Images.Count == 0 || (kinds.Count > 0 && !kinds.Contains(finding.Kind)))
            {
                continue;
            }

            if (finding.Images.Any(index => index < 0 || index >= images.Length))
            {
                throw new DataException(
                    $"'{report}' speaks of picture {finding.Images.Max()}, but {version.Reference} has {images.Length}. It belongs to another version; check this one with 'sightline data check {version.Reference}'.");
            }

            var concerned = finding.Images.Select(index => images[index]).ToArray();
            if (!settled.Has(finding, concerned))
            {
                items.Add(new ReviewItem(items.Count + 1, finding, [.. concerned.Select(image => image.Name)], [.. concerned.Select(image => image.Label)]));
            }
        }

        return items;
    }

    /// <summary>Writes the queue as CSV; a person fills in the columns <c>decision</c> (relabel, exclude, keep, not-a-duplicate) and <c>new_label</c>.</summary>
    public static void WriteCsv(IReadOnlyList<ReviewItem> items, string file)
    {
        var lines = items.Select(item => DelimitedText.Write(
        [
            $"{item.Number}", item.Finding.Kind, item.Finding.Severity.ToString().ToLowerInvariant(), item.Images[0], item.Labels[0], string.Join('|', item.Images.Skip(1)),
            item.Finding.SuggestedClass ?? "", item.Finding.Score?.ToString("R", System.Globalization.CultureInfo.InvariantCulture) ?? "", item.Finding.Reason, "", "",
        ]));
        AtomicFile.WriteText(file, string.Join('\n', lines.Prepend(DelimitedText.Write(Columns))) + "\n");
    }

    /// <summary>Reads the decisions of a CSV file; lines without one are skipped. Only the columns image and decision must be there.</summary>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="DataException">A column is missing or a decision is unknown; the message names the line.</exception>
    public static IReadOnlyList<Decision> ReadCsv(string file)
    {
        if (!File.Exists(file))
        {
            throw new NotFoundException($"The list of decisions '{file}' is not there. 'sightline data review NAME --export FILE' writes one.");
        }

        using var reader = new StreamReader(file);
        string[]? header = null;
        var decisions = new List<Decision>();
        foreach (var (line, fields) in DelimitedText.Read(reader, ','))
        {
            if (header is null)
            {
                header = [.. fields.Select(field => field.Trim().TrimStart('\uFEFF'))];
                if (!header.Contains("image") || !header.Contains("decision"))
                {
                    throw new DataException($"'{file}' has the columns {string.Join(", ", header)}; image and decision are needed. Start from 'sightline data review NAME --export FILE'.");
                }
            }
            else if (Field(header, fields, "decision") is { Length: > 0 } word)
            {
                decisions.AddRange(Parse(word, header, fields, $"Line {line} of '{file}'"));
            }
        }

        return decisions;
    }

    /// <summary>The decisions that one word about a finding means.</summary>
    /// <param name="kind">What was decided; for <see cref="DecisionKind.NotADuplicate"/> one decision for each other picture.</param>
    /// <param name="image">The picture decided about.</param>
    /// <param name="others">The other pictures of the finding.</param>
    /// <param name="finding">The finding's kind, null when there is none.</param>
    /// <param name="newLabel">The class, for <see cref="DecisionKind.Relabel"/>.</param>
    public static IEnumerable<Decision> Decide(DecisionKind kind, string image, IReadOnlyList<string> others, string? finding, string? newLabel)
    {
        var decision = new Decision { Kind = kind, Image = image, Finding = finding, To = kind == DecisionKind.Relabel ? newLabel : null };
        return kind == DecisionKind.NotADuplicate && others.Count > 0 ? others.Select(other => decision with { Other = other }) : [decision];
    }

    private static IEnumerable<Decision> Parse(string word, string[] header, string[] fields, string where)
    {
        DecisionKind kind = word.ToLowerInvariant() switch
        {
            "relabel" => DecisionKind.Relabel,
            "exclude" => DecisionKind.Exclude,
            "keep" => DecisionKind.Keep,
            "not-a-duplicate" => DecisionKind.NotADuplicate,
            _ => throw new DataException($"{where} has the decision '{word}'; relabel, exclude, keep and not-a-duplicate are known. Leave it empty to decide later."),
        };
        var newLabel = Field(header, fields, "new_label") is { Length: > 0 } given ? given : Field(header, fields, "suggested");
        if (kind == DecisionKind.Relabel && newLabel is not { Length: > 0 })
        {
            throw new DataException($"{where} relabels '{Field(header, fields, "image")}' but names no class. Fill in the column new_label.");
        }

        var others = Field(header, fields, "others")?.Split('|', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var finding = Field(header, fields, "kind") is { Length: > 0 } seen ? seen : null;
        return Decide(kind, Field(header, fields, "image") ?? "", others, finding, newLabel);
    }

    private static string? Field(string[] header, string[] fields, string name)
    {
        var at = Array.IndexOf(header, name);
        return at >= 0 && at < fields.Length ? fields[at].Trim() : null;
    }

    private static List<Finding> ReadFindings(string report)
    {
        if (!File.Exists(report))
        {
            throw new NotFoundException($"There is no report '{report}'. Make one with 'sightline data check', or name it with --report FILE.");
        }

        try
        {
            var document = JsonNode.Parse(File.ReadAllText(report));
            return document?["findings"] is JsonArray findings
                ? findings.Deserialize<List<Finding>>(Lenient) ?? []
                : throw new DataException($"'{report}' has no list 'findings'; a report of 'sightline data check --json' is expected.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new DataException($"'{report}' is no report of 'sightline data check': {error.Message}", error);
        }
    }

    /// <summary>What was decided, for quick questions.</summary>
    private sealed class Settled
    {
        private readonly Dictionary<string, StoredImage> _now;
        private readonly HashSet<(string Image, string? Kind)> _kept;
        private readonly HashSet<(string First, string Second)> _pairs;
        private readonly HashSet<string> _relabelled;

        public Settled(IReadOnlyList<Decision> active, DatasetVersion newest, DatasetStore store)
        {
            _now = store.ReadImages(newest).ToDictionary(image => image.Name, StringComparer.Ordinal);
            _kept = [.. active.Where(decision => decision.Kind == DecisionKind.Keep).Select(decision => (decision.Image, decision.Finding))];
            _pairs = [.. active.Where(decision => decision is { Kind: DecisionKind.NotADuplicate, Other: not null }).Select(decision => Pair(decision.Image, decision.Other!))]; // Filtered just before.
            _relabelled = [.. active.Where(decision => decision.Kind == DecisionKind.Relabel).Select(decision => decision.Image)];
        }

        public bool Has(Finding finding, StoredImage[] concerned)
        {
            var first = concerned[0].Name;
            if (!_now.TryGetValue(first, out var now) || now.Excluded is not null || _kept.Contains((first, finding.Kind)) || _kept.Contains((first, null)))
            {
                return true;
            }

            if (finding.SuggestedClass is not null && (_relabelled.Contains(first) || now.Label != concerned[0].Label))
            {
                return true;
            }

            // Of duplicates nothing is left to decide when the others are gone or are none.
            return concerned.Length > 1 && concerned.Skip(1).All(other =>
                _pairs.Contains(Pair(first, other.Name)) || !_now.TryGetValue(other.Name, out var still) || still.Excluded is not null);
        }

        private static (string First, string Second) Pair(string a, string b) => string.CompareOrdinal(a, b) < 0 ? (a, b) : (b, a);
    }
}
