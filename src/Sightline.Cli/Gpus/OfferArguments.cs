using System.CommandLine;
using Sightline.Compute.Offers;

namespace Sightline.Cli.Gpus;

/// <summary>The options that say which offers are wanted and where prices come from; <c>gpu offers</c> and <c>gpu plan</c> share them.</summary>
internal sealed class OfferArguments
{
    private readonly Option<string[]> _providers = Several("--provider", "NAME", "Only this provider; may be repeated.");
    private readonly Option<string[]> _gpus = Several("--gpu", "ID", "Only GPUs whose id begins so, such as a100; may be repeated.");
    private readonly Option<string?> _region = new("--region") { Description = "Only regions with this in their name.", HelpName = "TEXT" };
    private readonly Option<double?> _memory = new("--memory") { Description = "Least memory of a GPU, GiB.", HelpName = "N" };
    private readonly Option<string?> _precision = new("--precision") { Description = "A precision the GPU must have: fp32, tf32, fp16 or bf16.", HelpName = "NAME" };
    private readonly Option<bool> _spot = new("--spot") { Description = "Only interruptible machines." };
    private readonly Option<bool> _onDemand = new("--on-demand") { Description = "No interruptible machines." };
    private readonly Option<decimal?> _maxPrice = new("--max-price") { Description = "Highest price of the machine, USD per hour.", HelpName = "X" };
    private readonly Option<string[]> _prices = Several("--prices", "FILE", "A price sheet (CSV or YAML) besides those of the prices folder; may be repeated.");
    private readonly Option<bool> _refresh = new("--refresh") { Description = "Ask the providers for their prices first." };
    private readonly Option<int?> _count = new("--count") { Description = "Number of GPUs of the machine.", HelpName = "N" };

    /// <summary>Price sheets to read besides those of the folder.</summary>
    public string[] Sheets(ParseResult arguments) => arguments.GetValue(_prices) ?? [];

    /// <summary>Whether the providers are asked first.</summary>
    public bool IsRefresh(ParseResult arguments) => arguments.GetValue(_refresh);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _providers, _gpus, _region, _count, _memory, _precision, _spot, _onDemand, _maxPrice, _prices, _refresh })
        {
            command.Add(option);
        }
    }

    /// <param name="arguments">What was given.</param>
    /// <param name="count">The number of GPUs where none was given.</param>
    public OfferQuery Query(ParseResult arguments, int? count = null) => new()
    {
        Providers = arguments.GetValue(_providers) ?? [],
        Gpus = arguments.GetValue(_gpus) ?? [],
        Region = arguments.GetValue(_region),
        GpuCount = arguments.GetValue(_count) ?? count,
        MinimumMemoryGib = arguments.GetValue(_memory),
        Precision = arguments.GetValue(_precision),
        IsSpot = (arguments.GetValue(_spot), arguments.GetValue(_onDemand)) switch
        {
            (true, true) => throw new SettingsException("--spot and --on-demand exclude each other. Leave both out to see all."),
            (true, _) => true,
            (_, true) => false,
            _ => null,
        },
        MaximumPricePerHourUsd = arguments.GetValue(_maxPrice),
    };

    private static Option<string[]> Several(string name, string value, string description) => new(name)
    {
        Description = description,
        HelpName = value,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };
}
