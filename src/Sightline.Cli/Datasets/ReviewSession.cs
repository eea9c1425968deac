using Sightline.Cli.CommandLine;
using Sightline.Curation;
using Sightline.Data.Store;

namespace Sightline.Cli.Datasets;

/// <summary>Works through a queue of findings, one key each. Nothing is written; the caller applies what was decided.</summary>
internal sealed class ReviewSession(IReadOnlyList<ReviewItem> items, IReadOnlyList<string> classes, TextWriter screen, ReviewKeys keys)
{
    private const int OthersShown = 5;

    private readonly Decision[]?[] _decided = new Decision[items.Count][];
    private readonly HashSet<string> _excluded = new(StringComparer.Ordinal);

    /// <summary>The decisions, in the order of the queue.</summary>
    public IReadOnlyList<Decision> Run()
    {
        for (var at = 0; at < items.Count;)
        {
            if (_decided[at] is null && _excluded.Contains(items[at].Images[0]))
            {
                at++; // Excluded by an earlier finding of this session.
                continue;
            }

            Show(items[at]);
            var key = keys.Next();
            screen.WriteLine(key is { } shown && !char.IsControl(shown) ? $"{shown}" : "");
            switch (key)
            {
                case null or 'q' or '\u0003':
                    return Decisions();
                case 's':
                    at++;
                    break;
                case 'b':
                    at = Back(at);
                    break;
                case 'r' or 'R' or 'x' or 'k' or 'n':
                    at += Take(at, key.Value) ? 1 : 0; // Null was the first case.
                    break;
                default:
                    screen.WriteLine("That key means nothing here.");
                    break;
            }
        }

        return Decisions();
    }

    private List<Decision> Decisions() => [.. _decided.Where(lines => lines is not null).SelectMany(lines => lines!)]; // Filtered just before.

    private int Back(int at)
    {
        var before = Math.Max(0, at - 1);
        if (_decided[before] is { } lines)
        {
            foreach (var line in lines.Where(line => line.Kind == DecisionKind.Exclude))
            {
                _excluded.Remove(line.Image);
            }
        }

        _decided[before] = null;
        return before;
    }

    private bool Take(int at, char key)
    {
        var item = items[at];
        var kind = key switch
        {
            'x' => DecisionKind.Exclude,
            'k' => DecisionKind.Keep,
            'n' => DecisionKind.NotADuplicate,
            _ => DecisionKind.Relabel,
        };
        var label = kind == DecisionKind.Relabel ? key == 'r' && item.Finding.SuggestedClass is { } suggested ? suggested : AskClass() : null;
        if (kind == DecisionKind.Relabel && label is null)
        {
            return false;
        }

        if (kind == DecisionKind.NotADuplicate && item.Images.Count < 2)
        {
            screen.WriteLine("This finding is about one picture; 'n' is for duplicates.");
            return false;
        }

        if (kind == DecisionKind.Exclude)
        {
            _excluded.Add(item.Images[0]);
        }

        _decided[at] = [.. ReviewQueue.Decide(kind, item.Images[0], [.. item.Images.Skip(1)], item.Finding.Kind, label)];
        return true;
    }

    private string? AskClass()
    {
        screen.Write("  new class: ");
        var word = keys.Line()?.Trim();
        if (word is not null && classes.Contains(word))
        {
            return word;
        }

        screen.WriteLine($"'{word}' is no class of this data set.{NearestNames.Suggest(word ?? "", classes)} There are: {string.Join(", ", classes.Take(20))}.");
        return null;
    }

    private void Show(ReviewItem item)
    {
        var finding = item.Finding;
        screen.WriteLine();
        screen.WriteLine($"[{item.Number}/{items.Count}] {finding.Kind} ({finding.Severity.ToString().ToLowerInvariant()}): {item.Images[0]} (class {item.Labels[0]})");
        screen.WriteLine($"  {finding.Reason}");
        if (item.Images.Count > 1)
        {
            var others = item.Images.Zip(item.Labels).Skip(1).Take(OthersShown).Select(other => $"{other.First} (class {other.Second})");
            screen.WriteLine($"  with {string.Join(", ", others)}{(item.Images.Count - 1 > OthersShown ? $" and {item.Images.Count - 1 - OthersShown} more" : "")}");
        }

        var relabel = finding.SuggestedClass is { } suggested ? $"r {suggested}, R other class" : "r relabel";
        screen.Write($"  {relabel}, x exclude, k keep{(item.Images.Count > 1 ? ", n not a duplicate" : "")}, s skip, b back, q save and end: ");
    }
}
