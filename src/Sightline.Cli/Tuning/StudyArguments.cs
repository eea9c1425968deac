using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Search;
using Sightline.Tuning;

namespace Sightline.Cli.Tuning;

/// <summary>What <c>tune start</c> takes of a study: a new one's all, an old one's budget and space.</summary>
internal sealed class StudyArguments
{
    private readonly Option<string> _name = new("--name") { Description = "The study's name.", HelpName = "NAME", DefaultValueFactory = _ => "study" };
    private readonly Option<string?> _space = new("--space")
    {
        Description = $"JSON file of the parameters, or for trainings {string.Join(", ", SpacePresets.Names)}; on a study that is there, its new space.", HelpName = "FILE",
    };

    private readonly TrainingArguments _training = new();
    private readonly Option<string?> _command = new("--command")
    {
        Description = "The program to run for each trial, such as 'python3 train.py --lr {lr}'. It prints lines {\"step\":N,\"value\":V}, {\"checkpoint\":N} and last {\"value\":V}.",
        HelpName = "COMMAND",
    };

    private readonly Option<long?> _trials = new("--trials") { Description = "Budget: how many trials, those of earlier starts included.", HelpName = "N" };
    private readonly Option<double?> _hours = new("--hours") { Description = "Budget: hours from now.", HelpName = "H" };
    private readonly Option<decimal?> _dollars = new("--dollars") { Description = "Budget: what the trials may cost, US dollars; needs --price or a command that tells costUsd.", HelpName = "USD" };
    private readonly Option<decimal?> _price = new("--price") { Description = "What a worker costs, US dollars an hour.", HelpName = "USD" };
    private readonly Option<string> _sampler = new("--sampler") { Description = $"One of {string.Join(", ", Samplers.Names)}.", HelpName = "NAME", DefaultValueFactory = _ => "auto" };
    private readonly Option<string> _pruner = new("--pruner") { Description = "One of none, asha, ashaPromotion, hyperband, median, wilcoxon.", HelpName = "NAME", DefaultValueFactory = _ => "asha" };
    private readonly Option<long?> _maxStep = new("--max-step") { Description = "The last step of a full trial; without it nothing is stopped before one is complete.", HelpName = "STEP" };
    private readonly Option<string[]> _direction = new("--direction") { Description = "minimize (default) or maximize; once per objective.", HelpName = "DIRECTION" };
    private readonly Option<long> _seed = new("--seed") { Description = "Seed of the search.", HelpName = "N" };
    private readonly Option<bool> _noisy = new("--noisy") { Description = "The objective is noisy: a configuration may be tried again." };
    private readonly Option<double?> _trialMinutes = new("--trial-minutes") { Description = "How long an attempt at a trial may take; then it is failed.", HelpName = "M" };
    private readonly Option<double> _lease = new("--lease") { Description = "Seconds that a worker may be silent before its trial is given to another.", HelpName = "SECONDS", DefaultValueFactory = _ => 90 };
    private readonly Option<string> _folder = new("--folder") { Description = "Where the trials' folders are.", HelpName = "FOLDER", DefaultValueFactory = _ => "tune" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _name, _space, _command, _trials, _hours, _dollars, _price, _sampler, _pruner, _maxStep, _direction, _seed, _noisy, _trialMinutes, _lease, _folder,
        })
        {
            command.Add(option);
        }

        _training.AddTo(command);
    }

    /// <summary>Makes the study, or opens the one of that name with the budget and space given.</summary>
    /// <exception cref="SettingsException">Something is missing or cannot be used.</exception>
    /// <param name="localWorkers">How many workers share this machine's processors.</param>
    public Study Open(ParseResult arguments, string place, Invocation invocation, int localWorkers)
    {
        var name = arguments.GetRequiredValue(_name);
        var budget = Budget(arguments);
        if (!StoreArgument.IsServer(place) && !File.Exists(place) || !DatabaseStudyStore.Names(place).Contains(name, StringComparer.Ordinal))
        {
            var training = arguments.GetValue(_command) is null ? _training.Read(invocation, localWorkers) : null;
            return Create(arguments, place, name, ReadSpace(arguments, training), budget, training);
        }

        var space = ReadSpace(arguments, ObjectiveSpec.Find(place, name)?.Training);

        var study = Study.Open(place, name);
        var complete = study.Trials.Count(trial => trial.State == TrialState.Complete);
        invocation.Say($"Study '{name}' goes on: {study.Trials.Count} trials so far, {complete} complete.");
        if (space is not null && space.ToJson() != study.Space.ToJson())
        {
            study.ChangeSpace(space);
            invocation.Say("It has the new space from now on; earlier trials stay.");
        }

        study.Continue(budget == StudyBudget.None ? study.Budget : budget);
        return study;
    }

    private Study Create(ParseResult arguments, string place, string name, SearchSpace? space, StudyBudget budget, TrainingSpec? training)
    {
        if (space is null)
        {
            throw new SettingsException($"Study '{name}' is new and needs a space: give --space FILE, such as [{{\"kind\":\"float\",\"name\":\"lr\",\"low\":0.0001,\"high\":1,\"log\":true}}].");
        }

        if (budget == StudyBudget.None && arguments.GetValue(_sampler) != "grid")
        {
            throw new SettingsException("The study needs an end: give --trials, --hours or --dollars.");
        }

        var spec = new ObjectiveSpec
        {
            Command = arguments.GetValue(_command),
            Training = training,
            TrialSeconds = arguments.GetValue(_trialMinutes) * 60,
            Folder = Path.GetFullPath(Path.Combine(arguments.GetRequiredValue(_folder), name)),
            PricePerHourUsd = arguments.GetValue(_price) ?? (training?.Gpu is { } gpu ? TrainingSpec.CataloguePrice(gpu) : null),
        };
        var pruner = new PrunerOptions { Kind = Word<PrunerKind>("--pruner", arguments.GetRequiredValue(_pruner)), MaxStep = arguments.GetValue(_maxStep) };
        var ready = TuneObjectives.Create(spec, space, pruner); // Its troubles are told here, not by each worker.
        var options = new StudyOptions
        {
            Name = name,
            Directions = arguments.GetValue(_direction) is { Length: > 0 } given ? [.. given.Select(word => Word<Direction>("--direction", word))] : [training is null ? Direction.Minimize : Direction.Maximize],
            Seed = arguments.GetValue(_seed),
            Sampler = arguments.GetRequiredValue(_sampler),
            Pruner = pruner with { MaxStep = pruner.MaxStep ?? ready.FullStep },
            Noisy = arguments.GetValue(_noisy),
            Lease = TimeSpan.FromSeconds(arguments.GetValue(_lease)),
        };
        var problems = options.Check().Concat(budget.Check()).ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(" ", problems));
        }

        var study = new Study(DatabaseStudyStore.Create(place, space, options, budget, spec.ToJson()), new StudyWorker($"{Environment.MachineName}-{Environment.ProcessId}-start"))
        {
            PredictedMemory = ready.PlannedMemory,
        };
        if (training is not null && TrialSettings.Baseline(training.Recipe, space) is { } baseline)
        {
            study.Enqueue(baseline); // The recipe as it is comes first, to be compared with.
        }

        return study;
    }

    private StudyBudget Budget(ParseResult arguments) => new()
    {
        Trials = arguments.GetValue(_trials),
        Deadline = arguments.GetValue(_hours) is { } hours
            ? hours > 0 ? TimeProvider.System.GetUtcNow().AddHours(hours) : throw new SettingsException($"--hours is {hours}; it must be above 0.") : null,
        CostUsd = arguments.GetValue(_dollars),
    };

    private SearchSpace? ReadSpace(ParseResult arguments, TrainingSpec? training)
    {
        if (arguments.GetValue(_space) is not { } file)
        {
            return null;
        }

        if (training is not null)
        {
            return TrainingArguments.Space(file, training);
        }

        return File.Exists(file) ? SearchSpace.FromJson(File.ReadAllText(file)) : throw new NotFoundException($"There is no file '{file}' for --space.");
    }

    private static T Word<T>(string option, string word)
        where T : struct, Enum => Enum.TryParse<T>(word, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value
        : throw new SettingsException($"{option} is '{word}'; it must be one of {string.Join(", ", Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName))}.");
}
