using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Settings;
using Sightline.Compute.Offers;
using Sightline.Compute.Planning;
using Sightline.Models;
using Sightline.Planning;
using Sightline.Training;

namespace Sightline.Cli.Gpus;

/// <summary>The options that describe a training job and what it costs besides the machine.</summary>
internal sealed class JobArguments
{
    private readonly Argument<string?> _recipe = new("RECIPE") { Description = "A recipe's name or a settings file (JSON): model, size, epochs, batch, optimizer.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _model = new("--model") { Description = "Model; 'sightline model list' shows all.", HelpName = "NAME" };
    private readonly Option<int?> _size = new("--size") { Description = "Side of the input in pixels. Default: the recipe's, else the published crop.", HelpName = "N" };
    private readonly Option<int> _classes = new("--classes") { Description = "Number of classes.", HelpName = "N", DefaultValueFactory = _ => 1000 };
    private readonly Option<long> _data = new("--data") { Description = "Training pictures of an epoch.", HelpName = "N", Required = true };
    private readonly Option<int?> _epochs = new("--epochs") { Description = "Passes over the pictures. Default: the recipe's, else 90.", HelpName = "N" };
    private readonly Option<int?> _batch = new("--batch") { Description = "Pictures per step. Default: the recipe's, else 256 or what fits.", HelpName = "N" };
    private readonly Option<bool> _probe = new("--probe") { Description = "Take 20 steps of the job on this machine and plan by what they took; what was measured once is kept." };
    private readonly Option<bool> _probeAgain = new("--probe-again") { Description = "As --probe, and measure anew." };
    private readonly Option<double?> _dataGb = new("--data-gb") { Description = "Size of the data to copy to the machine, GB. Default: 0.", HelpName = "X" };
    private readonly Option<double?> _setUp = new("--set-up") { Description = "Minutes until a machine trains. Default: 10.", HelpName = "MIN" };
    private readonly Option<double?> _interruptions = new("--interruptions") { Description = "Interruptions of a spot machine per hour. Default: 0.05.", HelpName = "X" };

    public void AddTo(Command command)
    {
        command.Add(_recipe);
        foreach (var option in new Option[] { _model, _size, _classes, _data, _epochs, _batch, _probe, _probeAgain, _dataGb, _setUp, _interruptions })
        {
            command.Add(option);
        }
    }

    public TrainingJob Job(ParseResult arguments)
    {
        var recipe = arguments.GetValue(_recipe) is { } name ? Options(name) : null;
        var model = arguments.GetValue(_model) ?? recipe?.Model
            ?? throw new SettingsException("gpu plan needs a model: pass --model NAME, or a recipe that names one. 'sightline model list' shows all models.");
        return new TrainingJob
        {
            Model = TrainingCosts.Of(ModelCatalog.Find(model), arguments.GetValue(_size) ?? recipe?.Size, arguments.GetValue(_classes)),
            Pictures = arguments.GetValue(_data),
            Epochs = arguments.GetValue(_epochs) ?? recipe?.Epochs ?? 90,
            Batch = arguments.GetValue(_batch) ?? recipe?.BatchSize,
            OptimizerValues = recipe?.Optimizer is { Kind: not (OptimizerKind.Sgd or OptimizerKind.RmsProp or OptimizerKind.Lion) } ? 2 : 1,
            IsSinglePrecision = recipe?.Precision == Precision.Fp32,
        };
    }

    /// <summary>The job with steps that were taken here, where <c>--probe</c> asks for them.</summary>
    public TrainingJob Job(Invocation invocation)
    {
        var arguments = invocation.Arguments;
        var (job, isAgain) = (Job(arguments), arguments.GetValue(_probeAgain));
        if (!arguments.GetValue(_probe) && !isAgain)
        {
            return job;
        }

        if (job.Check().ToList() is { Count: > 0 } problems)
        {
            throw new SettingsException(string.Join(Environment.NewLine, problems));
        }

        var options = arguments.GetValue(_recipe) is { } name ? Options(name) : new TrainOptions();
        return job with { Measured = JobProbe.Measure(invocation, job, options, arguments.GetValue(_classes), isAgain) };
    }

    public CostTerms Terms(ParseResult arguments)
    {
        var usual = new CostTerms();
        return usual with
        {
            DataGb = arguments.GetValue(_dataGb) ?? usual.DataGb,
            SetUpMinutes = arguments.GetValue(_setUp) ?? usual.SetUpMinutes,
            SpotInterruptionsPerHour = arguments.GetValue(_interruptions) ?? usual.SpotInterruptionsPerHour,
        };
    }

    private static TrainOptions Options(string recipe)
    {
        var settings = new TrainSettings();
        if (Recipe.Names.Contains(recipe))
        {
            settings.AddJson(Recipe.Read(recipe), $"the recipe '{recipe}'");
        }
        else if (File.Exists(recipe))
        {
            settings.AddFile(recipe);
        }
        else
        {
            throw new NotFoundException($"'{recipe}' is no recipe and no settings file. There are the recipes: {string.Join(", ", Recipe.Names)}.");
        }

        return settings.Build();
    }
}
