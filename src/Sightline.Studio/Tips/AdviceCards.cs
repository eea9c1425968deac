using System.Collections.Concurrent;
using Sightline.Advice;
using Sightline.Runs.Report;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Tips;

/// <summary>What limits a run: evidence, a command to try, the page that says more.</summary>
internal static class AdviceCards
{
    // Reading this many bytes of events takes a third of a second; a longer run is looked at when someone asks.
    private const long MostBytesUnasked = 16L << 20;
    private const int Kept = 64;

    private static readonly ConcurrentDictionary<(string Run, long Bytes), IReadOnlyList<RunAdvice>> _kept = [];

    /// <summary>The advice on a run; null where looking takes long and was not asked for, empty where its files cannot be read at the moment.</summary>
    public static IReadOnlyList<RunAdvice>? Of(RunRow run, TimeProvider time, bool isAsked)
    {
        var metrics = new FileInfo(Path.Combine(run.Folder.Path, "metrics.jsonl"));
        var bytes = metrics.Exists ? metrics.Length : 0;
        if (_kept.TryGetValue((run.Folder.Path, bytes), out var known))
        {
            return known;
        }

        if (bytes > MostBytesUnasked && !isAsked)
        {
            return null;
        }

        if (_kept.Count >= Kept)
        {
            _kept.Clear();
        }

        return _kept[(run.Folder.Path, bytes)] = Look(run, time);
    }

    private static IReadOnlyList<RunAdvice> Look(RunRow run, TimeProvider time)
    {
        try
        {
            return RunAdvisor.Look(run.Folder, time);
        }
        catch (Exception error) when (error is SightlineException or IOException or System.Text.Json.JsonException)
        {
            return []; // A report that is being written, a data set that was removed: the curves still stand.
        }
    }

    public static void Write(Html html, IReadOnlyList<RunAdvice> advice)
    {
        html.Markup("<ul class=\"health\">");
        foreach (var found in advice)
        {
            html.Add($"<li class=\"verdict warn\"><div><h3>{found.Title}</h3><p>{found.Explanation}</p><p class=\"note\">Seen by: {found.Evidence}</p>");
            Layout.Command(html, found.Remedy);
            html.Add($"<p class=\"note\">More: <code>{found.Page}</code></p></div></li>");
        }

        html.Markup("</ul>");
    }
}
