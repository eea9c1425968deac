using System.CommandLine;
using Sightline.Cli.Checks;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Curation;
using Sightline.Curation.Report;
using Sightline.Data;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline data check DATA</c>: what is wrong with a data set.</summary>
internal static class DataCheckCommand
{
    private const int ExamplesShown = 3;

    public static Command Create()
    {
        var data = new Argument<string>("DATA")
        {
            Description = "Folder of class folders (with or without train, validation and test above them) or of IDX files, or fashion-mnist.",
        };
        var only = new Option<string[]>("--only")
        {
            Description = "The kinds to look for, separated by commas. Default: all.",
            HelpName = "KINDS",
            DefaultValueFactory = _ => [],
        };
        var failOn = new Option<string[]>("--fail-on")
        {
            Description = "End with exit code 5 if there are more findings of a kind than COUNT (0). KIND may be error, warning (or worse) or any.",
            HelpName = "KIND[:COUNT],...",
            DefaultValueFactory = _ => [],
        };
        var report = new Option<string?>("--report") { Description = "Write an HTML report with pictures, one file.", HelpName = "FILE" };
        var noTurns = new Option<bool>("--no-turns") { Description = "Do not look for duplicates that are mirrored or turned." };
        var command = new Command("check", "Say what is wrong with a data set: files, duplicates, leakage, image quality, balance. Changes nothing.")
        {
            data, only, failOn, report, noTurns,
        };
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var options = new CheckOptions
            {
                // Checks that need more than the data (probabilities, a model) come after these, by their options.
                Checks = [.. DatasetChecks.All],
                Only = Gate.SplitAtCommas(arguments.GetRequiredValue(only)),
                MatchTurns = !arguments.GetValue(noTurns),
            };
            Refuse(options);
            var gates = Gate.Parse(arguments.GetRequiredValue(failOn), Looked(options));
            var dataset = ImageDatasets.Open(DataLocator.Find(arguments.GetRequiredValue(data), new FashionMnistOptions(), invocation), new SplitOptions());
            var result = DatasetCheck.Run(dataset, options, new CheckLines(invocation, TimeProvider.System), CancellationToken.None);
            var path = arguments.GetValue(report);
            if (path is not null)
            {
                WriteReport(path, result, dataset);
            }

            var judged = gates.Select(gate => (Gate: gate, Count: gate.Count(result))).ToList();
            var failed = judged.Where(pair => pair.Count > pair.Gate.Limit).ToList();
            invocation.Result(Document(result, judged, path), text => Write(result, dataset, path, text));
            foreach (var (gate, count) in failed)
            {
                invocation.Say($"Gate failed: {gate.Kind}: {count} found, at most {gate.Limit} allowed.");
            }

            return failed.Count > 0 ? ExitCode.GateFailed : ExitCode.Done;
        });
    }

    private static IReadOnlyList<string> Looked(CheckOptions options) =>
        [.. options.Checks.SelectMany(check => check.Kinds).Select(kind => kind.Name).Where(kind => options.Only.Count == 0 || options.Only.Contains(kind))];

    private static void Refuse(CheckOptions options)
    {
        var problems = options.Check().ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(' ', problems));
        }
    }

    private static void WriteReport(string path, CheckReport result, ImageDataset data)
    {
        try
        {
            File.WriteAllText(path, CheckReportPage.Html(result, data, TimeProvider.System.GetUtcNow()));
        }
        catch (DirectoryNotFoundException)
        {
            throw new NotFoundException($"The folder of the report '{path}' is not there. Make it, or pass another file with --report.");
        }
    }

    private static object Document(CheckReport result, IReadOnlyList<(Gate Gate, int Count)> gates, string? report) => new
    {
        result.Location,
        result.Version,
        result.Pictures,
        result.Classes,
        result.Measured,
        result.Kinds,
        result.Findings,
        gates = gates.Select(pair => new { pair.Gate.Kind, pair.Gate.Limit, pair.Count, passed = pair.Count <= pair.Gate.Limit }),
        report,
    };

    private static void Write(CheckReport result, ImageDataset data, string? report, TextWriter text)
    {
        text.WriteLine(
            $"{result.Pictures} pictures of {result.Classes} classes: {data.Train.Count} training, {data.Validation.Count} validation, {data.Test.Count} test.");
        text.WriteLine();
        var table = new TextTable("KIND", "FOUND", "STATE", "WHAT TO DO") { RightAligned = [1] };
        foreach (var kind in result.Kinds.Where(kind => kind.Count > 0))
        {
            table.Add(kind.Kind, $"{kind.Count}", State(kind), kind.Status == KindStatus.LeftOut ? "More than half have it: left out." : kind.Advice);
        }

        if (result.Kinds.Any(kind => kind.Count > 0))
        {
            table.Write(text);
            text.WriteLine();
        }

        text.WriteLine($"Looked for and not found: {Names(result.Kinds.Where(kind => kind.Count == 0))}.");
        foreach (var group in result.Findings.GroupBy(finding => finding.Kind))
        {
            text.WriteLine();
            text.WriteLine($"{group.Key}:");
            foreach (var finding in group.Take(ExamplesShown))
            {
                text.WriteLine($"  {finding.Subject}: {finding.Reason}");
            }

            if (group.Count() > ExamplesShown)
            {
                text.WriteLine($"  ... and {group.Count() - ExamplesShown} more");
            }
        }

        text.WriteLine();
        text.WriteLine(report is null
            ? $"Next: sightline data check {result.Location} --report check.html   the same with pictures"
            : $"Report: {report}");
    }

    private static string Names(IEnumerable<KindOutcome> kinds) => string.Join(", ", kinds.Select(kind => kind.Kind)) is { Length: > 0 } names ? names : "nothing";

    private static string State(KindOutcome kind) =>
        kind.Status == KindStatus.LeftOut ? "usual here" : kind.Severity?.ToString().ToLowerInvariant() ?? "ok";
}
