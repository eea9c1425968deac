using System.CommandLine;
using System.Text.Json;
using Sightline.Cli.Checks;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Curation;
using Sightline.Curation.Embeddings;
using Sightline.Curation.Labels;
using Sightline.Curation.Report;
using Sightline.Data;
using Sightline.Data.Store;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline data check DATA</c>: what is wrong with a data set.</summary>
internal static class DataCheckCommand
{
    private const int ExamplesShown = 3;

    public static Command Create()
    {
        var data = new Argument<string>("DATA")
        {
            Description = "A stored data set, or a folder of class folders (with or without train, validation and test above them) or of IDX files, or fashion-mnist.",
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
        var labels = new Option<bool>("--labels") { Description = "Look for wrong labels too: four models are trained, each judging a fold that it did not see, which takes minutes to hours." };
        var probabilities = new Option<string?>("--probabilities") { Description = "Look for wrong labels by these out-of-sample probabilities (.npy or CSV) instead.", HelpName = "FILE" };
        var save = new Option<string?>("--save-probabilities") { Description = "Keep the probabilities of --labels (.npy).", HelpName = "FILE" };
        var model = new Option<string?>("--model") { Description = "Look by the embeddings of this run too: near duplicates, leakage, outliers, coverage.", HelpName = "RUN" };
        var runs = CommonOptions.Runs();
        var noTurns = new Option<bool>("--no-turns") { Description = "Do not look for duplicates that are mirrored or turned." };
        var command = new Command("check", "Say what is wrong with a data set: files, duplicates, leakage, image quality, balance. Changes nothing.")
        {
            data, only, failOn, report, labels, probabilities, save, model, runs, noTurns,
        };
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var lines = new RareLines(invocation.Say, TimeProvider.System);
            var labelCheck = arguments.GetValue(labels) || arguments.GetValue(probabilities) is not null
                ? new LabelCheck(arguments.GetValue(probabilities), arguments.GetValue(save), lines) : null;
            var embeddingCheck = arguments.GetValue(model) is { } run ? new EmbeddingCheck(RunLocator.Find(run, arguments.GetRequiredValue(runs)).Path, lines) : null;
            var options = new CheckOptions
            {
                Checks = [.. DatasetChecks.All, .. Asked(labelCheck), .. Asked(embeddingCheck)],
                Only = Gate.SplitAtCommas(arguments.GetRequiredValue(only)),
                MatchTurns = !arguments.GetValue(noTurns),
            };
            Refuse(options);
            var gates = Gate.Parse(arguments.GetRequiredValue(failOn), Looked(options));
            var location = DataLocator.Find(arguments.GetRequiredValue(data), new FashionMnistOptions(), invocation);
            var dataset = ImageDatasets.Open(location, new SplitOptions());
            var result = DatasetCheck.Run(dataset, options, new CheckLines(invocation, TimeProvider.System), CancellationToken.None);
            var path = arguments.GetValue(report);
            if (path is not null)
            {
                WriteReport(path, result, dataset);
            }

            var leakage = embeddingCheck?.IsRight is { } isRight ? LeakageAccuracy.Of(dataset, result.LeakedImages(), isRight) : null;
            var judged = gates.Select(gate => (Gate: gate, Count: gate.Count(result))).ToList();
            var failed = judged.Where(pair => pair.Count > pair.Gate.Limit).ToList();
            var document = Document(result, judged, path, labelCheck?.Report, embeddingCheck?.Report, leakage);
            var stored = new DatasetStore(DatasetStore.DefaultFolder, TimeProvider.System).TryFind(arguments.GetRequiredValue(data)) is { } version && version.Folder == location
                ? version : null;
            if (stored is not null && options.Only.Count == 0)
            {
                // Where 'data review' and 'data split' look for it.
                AtomicFile.WriteText(DatasetStore.CheckReport(stored), JsonSerializer.Serialize(document, SightlineJson.Indented));
            }

            invocation.Result(document, text =>
            {
                Write(result, dataset, text);
                labelCheck?.Write(text);
                embeddingCheck?.Write(text);
                WriteLeakage(leakage, text);
                WriteNext(result, path, stored, text);
            });
            foreach (var (gate, count) in failed)
            {
                invocation.Say($"Gate failed: {gate.Kind}: {count} found, at most {gate.Limit} allowed.");
            }

            return failed.Count > 0 ? ExitCode.GateFailed : ExitCode.Done;
        });
    }

    private static IEnumerable<IDatasetCheck> Asked(IDatasetCheck? check) => check is null ? [] : [check];

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

    private static object Document(
        CheckReport result, IReadOnlyList<(Gate Gate, int Count)> gates, string? report, LabelErrorReport? labels, EmbeddingReport? embeddings,
        IReadOnlyList<LeakageAccuracy>? leakage) => new
    {
        result.Location,
        result.Version,
        result.Pictures,
        result.Classes,
        result.Measured,
        result.Kinds,
        result.Findings,
        gates = gates.Select(pair => new { pair.Gate.Kind, pair.Gate.Limit, pair.Count, passed = pair.Count <= pair.Gate.Limit }),
        labels,
        embeddings,
        leakage,
        report,
    };

    private static void Write(CheckReport result, ImageDataset data, TextWriter text)
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
    }

    // What the model's accuracy is without the pictures of kind 'leakage', found by pixels and hashes.
    private static void WriteLeakage(IReadOnlyList<LeakageAccuracy>? leakage, TextWriter text)
    {
        if (leakage is null)
        {
            return;
        }

        text.WriteLine();
        var table = new TextTable("LEAKED BY PIXELS OR HASH", "PICTURES", "OF", "ACCURACY", "WITHOUT") { RightAligned = [1, 2, 3, 4] };
        foreach (var line in leakage)
        {
            table.Add(line.Split, $"{line.Leaked}", $"{line.Pictures}", Readable.Percent(line.Accuracy), Readable.Percent(line.AccuracyWithout));
        }

        table.Write(text);
    }

    private static void WriteNext(CheckReport result, string? report, DatasetVersion? stored, TextWriter text)
    {
        text.WriteLine();
        text.WriteLine(report is not null ? $"Report: {report}"
            : $"Next: sightline data check {stored?.Reference ?? result.Location} --report check.html   the same with pictures");
        if (stored is not null && result.Findings.Count > 0)
        {
            text.WriteLine($"Next: sightline data review {stored.Name}   decide about each finding");
        }
    }

    private static string Names(IEnumerable<KindOutcome> kinds) => string.Join(", ", kinds.Select(kind => kind.Kind)) is { Length: > 0 } names ? names : "nothing";

    private static string State(KindOutcome kind) =>
        kind.Status == KindStatus.LeftOut ? "usual here" : kind.Severity?.ToString().ToLowerInvariant() ?? "ok";
}
