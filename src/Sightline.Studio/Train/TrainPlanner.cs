using Sightline.Compute;
using Sightline.Compute.Offers;
using Sightline.Compute.Providers;
using Sightline.Data;
using Sightline.Native;
using Sightline.Planning;
using Sightline.Runs;
using Sightline.Runs.Report;
using Sightline.Studio.Data;
using Sightline.Studio.Jobs;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;
using Sightline.Training;
using Sightline.Weights;
using TorchSharp;

namespace Sightline.Studio.Train;

/// <summary>Plans a training from the form: the code of <c>train plan</c> and <c>gpu plan</c>. Opens data and counts; trains nothing.</summary>
internal sealed class TrainPlanner(StudioOptions options, DataShelf shelf, RunIndex runs, ToolJobs jobs, TimeProvider time) : IDisposable
{
    // A folder may change under our eyes; a stored version cannot.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FreshPrices = TimeSpan.FromMinutes(5);
    private static readonly string Processor = new RunEnvironment().Processor;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private (string Location, SplitOptions Split, ImageDataset Data, long At)? _opened;
    private (OfferBook Book, long At)? _prices;

    /// <summary>Plans; what is wrong stands in the plan.</summary>
    /// <param name="form">What was filled in.</param>
    /// <param name="measured">A job that measured steps; null for none.</param>
    /// <param name="cancel">Stops waiting for another plan.</param>
    public async Task<TrainPlan> Of(TrainForm form, string? measured, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            return await Task.Run(() => Of(form, measured), cancel);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The folder of the data that a person named, null where there is none: a folder below the project's, or a stored data set.</summary>
    public string? Locate(string data)
    {
        var path = Path.GetFullPath(data, Path.GetFullPath(options.Project));
        return Directory.Exists(path) && Confined.Resolve(options.Project, path) is { } folder ? folder : shelf.Store.TryFind(data)?.Folder;
    }

    /// <summary>Whether an offer of this name is among the prices.</summary>
    public bool HasOffer(string provider, string instance) => Prices().Offers.Any(offer => offer.Provider == provider && offer.Instance == instance);

    public void Dispose() => _gate.Dispose();

    private TrainPlan Of(TrainForm form, string? measured)
    {
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        if (form.NameProblem is { } name)
        {
            problems["name"] = name;
        }
        else if (form.Name is { } taken && Directory.Exists(Path.Combine(options.Runs, taken)))
        {
            problems["name"] = $"There is a run '{taken}' already. Choose another name, or leave it out for time and model.";
        }

        var plan = new TrainPlan { Form = form, Problems = problems };
        SettingsAnswer? answer = null;
        try
        {
            answer = options.ReadSettings(form.Request());
            Confine(answer.Options);
        }
        catch (SightlineException error)
        {
            Note(error, problems);
        }

        if (form.Data is null)
        {
            problems["data"] = "Choose what to train on: a stored data set, or a folder of class folders below the project's folder.";
            return plan;
        }

        if (Locate(form.Data) is not { } location)
        {
            problems["data"] = $"'{form.Data}' is neither a stored data set nor a folder below {Path.GetFullPath(options.Project)}.{NearestNames.Suggest(form.Data, shelf.Store.Names())} Import other data on the page Data.";
            return plan;
        }

        return answer is null ? plan : WithData(plan with { Location = location }, answer, problems, measured);
    }

    private TrainPlan WithData(TrainPlan plan, SettingsAnswer answer, Dictionary<string, string> problems, string? measured)
    {
        ImageDataset data;
        try
        {
            data = Open(plan.Location!, Trainer.Split(answer.Options)); // The caller found it.
        }
        catch (SightlineException error)
        {
            problems["data"] = error.Message;
            return plan;
        }

        var warnings = new List<string>();
        plan = plan with { Pictures = (data.Train.Count, data.Validation.Count, data.Test.Count), Warnings = warnings };
        if (answer.IsBatchGiven && answer.Options.BatchSize > data.Train.Count)
        {
            problems["batch"] = $"The batch is {answer.Options.BatchSize}, and there are {data.Train.Count} training pictures. Give {data.Train.Count} or less, or leave it out.";
        }

        try
        {
            NativeRuntime.EnsureLoaded();
            var settings = Trainer.Resolve(Fetched(answer.Options, warnings), data);
            // Auto is measured when a run begins; what it would then take needs no more memory than fp32.
            settings = answer.Options.Precision == Precision.Auto ? settings with { Options = settings.Options with { Precision = Precision.Fp32 } } : settings;
            Warn(answer, data, warnings);
            return plan with
            {
                Settings = settings,
                Memory = MemoryOutlook.Of(settings, MemoryPlan.PictureBytesOf(settings, data), isElsewhere: true),
                Speed = Measured(settings, measured) ?? Known(settings),
                Offers = Rank(settings, data, answer, warnings),
            };
        }
        catch (SightlineException error)
        {
            Note(error, problems);
            return plan;
        }
    }

    // Published weights need not be here yet: a run fetches them.
    private static TrainOptions Fetched(TrainOptions asked, List<string> warnings)
    {
        if (WeightsCatalog.Chosen(asked.Pretrained, asked.Model) is not { } weights)
        {
            return asked;
        }

        try
        {
            _ = new WeightsCache(WeightsCache.DefaultFolder, TimeProvider.System).Require(weights);
            return asked;
        }
        catch (NotFoundException)
        {
            warnings.Add($"The weights {weights.Name} are not on this machine; the run fetches them first. 'sightline model pull {weights.Model}' says from where.");
            return asked with { Pretrained = null, Model = weights.Model, Size = asked.Size ?? weights.Preprocessing.CropSize };
        }
    }

    private static void Warn(SettingsAnswer answer, ImageDataset data, List<string> warnings)
    {
        if (!answer.IsBatchGiven && answer.Options.BatchSize > data.Train.Count)
        {
            warnings.Add($"There are fewer training pictures ({data.Train.Count}) than the usual batch ({answer.Options.BatchSize}): each step takes all of them.");
        }

        if (answer.Options.Precision == Precision.Auto)
        {
            warnings.Add("Precision auto is measured when the run begins; the plan counts fp32.");
        }

        if (answer.Options.Precision == Precision.Bf16 && Devices.Choose(answer.Options.Device) is { type: DeviceType.CPU } cpu && Devices.Choose(Precision.Auto, cpu) != Precision.Bf16)
        {
            warnings.Add("This processor does not compute in bf16: steps take longer than in fp32. Precision auto takes what is faster.");
        }

        if (data.Notices.Count > 0)
        {
            warnings.Add($"{Words.Plural(data.Notices.Count, "note", "notes")} on the data, such as {data.Notices[0].Subject}: {data.Notices[0].Reason}");
        }

        if (data.Test.Count == 0)
        {
            warnings.Add("The data have no test pictures, so the run ends without a final figure.");
        }

        var fewest = data.Train.CountBy(example => example.Label).MinBy(pair => pair.Value);
        if (fewest.Value < 5)
        {
            warnings.Add($"The class '{data.Classes[fewest.Key]}' has {Words.Plural(fewest.Value, "training picture", "training pictures")}; 20 or more are advised.");
        }
    }

    private IReadOnlyList<RankedOffer> Rank(RunSettings settings, ImageDataset data, SettingsAnswer answer, List<string> warnings)
    {
        try
        {
            var job = TrainingJobs.Of(settings.Options with { Precision = answer.Options.Precision }, data.Train.Count, data.Classes.Count, answer.IsBatchGiven);
            return OfferRanking.Rank(job, Prices().Offers.Where(offer => offer.GpuCount == 1), new CostTerms());
        }
        catch (ComputeException error)
        {
            warnings.Add(error.Message);
            return [];
        }
    }

    private OfferBook Prices()
    {
        if (_prices is not { } known || time.GetElapsedTime(known.At) > FreshPrices)
        {
            _prices = known = (OfferBook.From(new PriceStore(options.Prices.Cache, options.Prices.Sheets).Read([])), time.GetTimestamp());
        }

        return known.Book;
    }

    private ImageDataset Open(string location, SplitOptions split)
    {
        if (_opened is { } opened && opened.Location == location && opened.Split == split && (time.GetElapsedTime(opened.At) < Fresh || Confined.IsBelow(shelf.Store.Folder, location)))
        {
            return opened.Data;
        }

        var data = ImageDatasets.Open(location, split);
        _opened = (location, split, data, time.GetTimestamp());
        return data;
    }

    // What 'train plan --probe' found, where it was asked about the same.
    private SpeedHere? Measured(RunSettings settings, string? id)
    {
        if (id is null || jobs.Find(id).Result() is not { } found || !found.TryGetProperty("probeStepMilliseconds", out var took) || !took.TryGetDouble(out var milliseconds) || milliseconds <= 0
            || found.GetProperty("model").GetString() != settings.Model || found.GetProperty("size").GetInt32() != settings.Preprocessing.CropSize)
        {
            return null;
        }

        return new SpeedHere(1000 * found.GetProperty("batch").GetInt32() / milliseconds, "two steps on noise, measured here");
    }

    private SpeedHere? Known(RunSettings settings)
    {
        foreach (var run in runs.All().Where(run => run.Model == settings.Model && run.Folder.Settings is var other && other.Preprocessing.CropSize == settings.Preprocessing.CropSize
            && other.Options.Precision == settings.Options.Precision && other.Environment.Processor == Processor && !File.Exists(Path.Combine(run.Folder.Path, "job.json"))))
        {
            if (SpeedOf(Path.Combine(run.Folder.Path, "metrics.jsonl")) is { } speed)
            {
                return new SpeedHere(speed, $"the run {run.Name}");
            }
        }

        return null;
    }

    // The median of its last events.
    private static double? SpeedOf(string metrics)
    {
        const int Tail = 64 << 10;
        if (!File.Exists(metrics))
        {
            return null;
        }

        var speeds = new List<double>();
        foreach (var text in FileTail.Read(metrics, Tail).Split('\n'))
        {
            if (MetricsLine.TryRead(System.Text.Encoding.UTF8.GetBytes(text), out var line) && line.ImagesPerSecond > 0)
            {
                speeds.Add(line.ImagesPerSecond);
            }
        }

        speeds.Sort();
        return speeds.Count > 0 ? speeds[speeds.Count / 2] : null;
    }

    // Weights and teachers are files too.
    private void Confine(TrainOptions asked)
    {
        if (asked.Weights is { } weights && Confined.Resolve(options.Project, Path.GetFullPath(weights, Path.GetFullPath(options.Project))) is null)
        {
            throw new SettingsException($"weights is {weights} (--set); it must be a file below {Path.GetFullPath(options.Project)}.");
        }

        if (asked.Distill.Run is { } teacher && new[] { options.Runs, options.Project }.All(root => Confined.Resolve(root, Path.GetFullPath(teacher, Path.GetFullPath(root))) is null))
        {
            throw new SettingsException($"distill.run is {teacher} (--set); it must be a run of '{options.Runs}'.");
        }
    }

    private static void Note(SightlineException error, Dictionary<string, string> problems)
    {
        foreach (var problem in error.Message.Split(Environment.NewLine))
        {
            var field = TrainForm.Fields.FirstOrDefault(field => field.IsMeant(problem))?.Name ?? (problem.Contains("--set", StringComparison.Ordinal) ? "more" : "");
            problems[field] = problems.TryGetValue(field, out var before) ? $"{before} {problem}" : problem;
        }
    }
}
