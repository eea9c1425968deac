using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Augment;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Evaluation.Audit;
using Sightline.Runs;

namespace Sightline.Cli.Preview;

/// <summary>The options of <c>data preview</c> for an audit, and what they do.</summary>
internal sealed class AuditArguments
{
    private readonly Option<int> _pictures = new("--pictures")
    {
        Description = "Pictures of each split that an audit looks at.",
        HelpName = "N",
        DefaultValueFactory = _ => new AuditOptions().Pictures,
    };

    private readonly Option<string?> _strengths = new("--strengths") { Description = "Strengths that an audit tries. Default: 0.1,0.25,0.5,1.", HelpName = "LIST" };

    private readonly Option<string?> _operators = new("--operators") { Description = "Operators that an audit tries. Default: all.", HelpName = "LIST" };

    private readonly Option<string?> _plain = new("--plain") { Description = "A run without augmentation, to compare an audit's gap with.", HelpName = "RUN" };

    /// <summary>The run that judges.</summary>
    public Option<string?> Run { get; } = new("--audit") { Description = "Ask this run's model which changes keep the class: a folder, a name below --runs, or 'last'.", HelpName = "RUN" };

    public void AddTo(Command command)
    {
        command.Add(Run);
        command.Add(_pictures);
        command.Add(_strengths);
        command.Add(_operators);
        command.Add(_plain);
    }

    /// <summary>Audits and prints the result.</summary>
    public void Execute(Invocation invocation, RunFolder run, string? location, string runs)
    {
        var arguments = invocation.Arguments;
        var plain = arguments.GetValue(_plain) is { } named ? RunLocator.Find(named, runs).Path : null;
        var options = new AuditOptions
        {
            Pictures = arguments.GetValue(_pictures),
            Strengths = arguments.GetValue(_strengths) is { } strengths ? Numbers(strengths) : new AuditOptions().Strengths,
            Operators = arguments.GetValue(_operators)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
            Seed = run.Settings.Options.Seed,
        };
        AuditResult result;
        try
        {
            result = AugmentAudit.Run(run.Path, location, options, new Lines(invocation), invocation.Interrupts.Stop, plain);
        }
        catch (OperationCanceledException)
        {
            throw new SightlineException(ExitCode.Interrupted, "The audit was interrupted; nothing was written.");
        }

        var proposed = new JsonObject { ["augment"] = Changed(result.Proposed) };
        var file = arguments.GetValue<string?>("--out");
        if (file is not null)
        {
            OutputFile.Write(file, Encoding.UTF8.GetBytes(proposed.ToJsonString(SightlineJson.Indented) + "\n"));
        }

        invocation.Result(Document(result, proposed), text => Write(result, proposed, file, text));
    }

    private static JsonObject Document(AuditResult result, JsonObject proposed)
    {
        var document = JsonSerializer.SerializeToNode(result, SightlineJson.Indented)!.AsObject(); // An object never becomes null.
        document["proposed"] = proposed.DeepClone();
        return document;
    }

    private static void Write(AuditResult result, JsonObject proposed, string? file, TextWriter text)
    {
        text.WriteLine($"Run         {result.Run}");
        text.WriteLine($"Pictures    {result.TrainPictures} training, {result.ValidationPictures} validation");
        text.WriteLine($"Unchanged   {Readable.Percent(result.TrainAccuracy)} training, {Readable.Percent(result.ValidationAccuracy)} validation, gap {Readable.Percent(result.Gap)}");
        if (result.Plain is { } without)
        {
            text.WriteLine($"No augment  {Readable.Percent(without.TrainAccuracy)} training, {Readable.Percent(without.ValidationAccuracy)} validation, gap {Readable.Percent(without.Gap)}, by {without.Run}");
        }

        text.WriteLine();
        var table = new TextTable("OPERATOR", "STRENGTH", "MAGNITUDE", "PRESERVED", "SHIFT", "TRAIN", "VALIDATION", "GAP", "VERDICT") { RightAligned = [1, 3, 4, 5, 6, 7] };
        foreach (var line in result.Lines.Prepend(result.Policy))
        {
            table.Add(line.Operator, line.Strength is { } strength ? $"{strength:0.##}" : "-", line.Magnitude, Readable.Percent(line.Preserved), $"{line.Shift:0.000}",
                Readable.Percent(line.TrainAccuracy), Readable.Percent(line.ValidationAccuracy), Readable.Percent(line.Gap), Words(line.Verdict));
        }

        table.Write(text);
        text.WriteLine();
        text.WriteLine("PRESERVED: labels that survive, of the validation pictures that the model knows. SHIFT: how far the embeddings move, in distances between two pictures of different classes.");
        text.WriteLine($"Too strong: surely below {result.Options.LeastPreserved:P0} preserved, or a class below {result.Options.LeastPreservedOfClass:P0} that turns into one other class.");
        text.WriteLine($"No effect: 99 % preserved and a shift below {result.Options.LeastShift:0.00}. Useful: the rest.");
        text.WriteLine("The model judges: a change that it never saw in training may look too strong although a person still sees the class. Where that is so, train");
        text.WriteLine("once with that change and audit the new run.");
        text.WriteLine();
        foreach (var line in result.Lines.Where(line => line.Verdict == AuditVerdict.TooStrong))
        {
            text.WriteLine($"{line.Operator} {line.Magnitude}: {line.Reason}.".Replace(" :", ":", StringComparison.Ordinal));
        }

        text.WriteLine();
        text.WriteLine(result.Summary);
        text.WriteLine();
        text.WriteLine($"Proposed policy{(file is null ? "" : $", written to {file}")} (sightline train DATA --config FILE):");
        text.WriteLine(proposed.ToJsonString(SightlineJson.Indented));
    }

    private static string Words(AuditVerdict verdict) => verdict switch
    {
        AuditVerdict.TooStrong => "too strong",
        AuditVerdict.NoEffect => "no effect",
        _ => "useful",
    };

    // What differs from the defaults, so that a person sees what the audit decided.
    private static JsonObject Changed(AugmentOptions options)
    {
        var all = JsonSerializer.SerializeToNode(options, SightlineJson.Line)!.AsObject(); // An object never becomes null.
        var defaults = JsonSerializer.SerializeToNode(new AugmentOptions(), SightlineJson.Line)!.AsObject();
        foreach (var (name, value) in defaults.Where(pair => pair.Key != "policy"))
        {
            if (JsonNode.DeepEquals(all[name], value))
            {
                all.Remove(name);
            }
        }

        return all;
    }

    private static double[] Numbers(string list) => [.. list.Split(',').Select(part =>
        double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new SettingsException($"--strengths has '{part.Trim()}', which is no number. Pass numbers, such as 0.1,0.25,0.5,1."))];

    private sealed class Lines(Invocation invocation) : IProgress<AuditLine>
    {
        public void Report(AuditLine value) =>
            invocation.Say($"{value.Operator} {value.Magnitude}: {Readable.Percent(value.Preserved)} preserved, {Words(value.Verdict)}");
    }
}
