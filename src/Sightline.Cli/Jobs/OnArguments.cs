using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Gpus;
using Sightline.Cli.Leases;
using Sightline.Compute.Jobs;
using Sightline.Compute.Leases;

namespace Sightline.Cli.Jobs;

/// <summary>The options of <c>train</c> that say where it trains.</summary>
internal sealed class OnArguments
{
    private readonly Option<string?> _on = new("--on")
    {
        Description = "Where: local (goes on without this terminal), ssh:[USER@]HOST[:PORT], slurm[:PARTITION], slurm+ssh:[USER@]HOST[:PORT][/PARTITION]; or a rented machine: an offer as PROVIDER/INSTANCE, or auto for the cheapest job.",
        HelpName = "WHERE",
    };

    private readonly Option<string[]> _identity = new("--identity") { Description = "SSH: private key file; may be repeated. Default: the usual ones of ~/.ssh.", HelpName = "FILE", AllowMultipleArgumentsPerToken = false };
    private readonly Option<string?> _hostKey = new("--host-key") { Description = "SSH: accept and remember the host's key with this fingerprint.", HelpName = "SHA256:..." };
    private readonly Option<string?> _knownHosts = new("--known-hosts") { Description = "SSH: a file of known host keys to read and add to.", HelpName = "FILE" };
    private readonly Option<string?> _tool = new("--tool") { Description = "The sightline program on the host. Default: this one is sent, with its .NET.", HelpName = "PATH" };
    private readonly Option<string?> _setUp = new("--set-up") { Description = "File of sh lines that run on the host before the training, such as 'module load cuda'.", HelpName = "FILE" };
    private readonly Option<string?> _hostFolder = new("--host-folder") { Description = "Sightline's folder on the host; on Slurm it must be on a shared disk. Default: ~/.sightline.", HelpName = "PATH" };
    private readonly Option<double?> _timeLimit = new("--time-limit") { Description = "Slurm: minutes of one turn; at the limit the run writes a checkpoint and goes on in its next turn.", HelpName = "MIN" };
    private readonly Option<string?> _gpus = new("--gpus") { Description = "Slurm: GPUs, such as 1 or a100:1.", HelpName = "GPUS" };
    private readonly Option<string[]> _slurm = new("--sbatch") { Description = "Slurm: a further option of sbatch, such as --sbatch=--account=vision; may be repeated.", HelpName = "OPTION", AllowMultipleArgumentsPerToken = false };
    private readonly Option<bool> _detach = new("--detach") { Description = "Return as soon as the job is started. 'sightline train resume RUN' follows it again." };
    private readonly Option<string?> _onInterrupt = new("--on-interrupt")
    {
        Description = "What Ctrl-C does while the training is followed: detach leaves it running, and its rented machine too; end stops it with a checkpoint, brings that here and ends the rented machine. Default: detach.",
        HelpName = "detach|end",
    };

    private readonly Option<decimal?> _maxCost = new("--max-cost") { Description = "Rented: the most that it may cost in all, USD.", HelpName = "USD" };
    private readonly Option<double> _maxHours = new("--max-hours") { Description = "Rented: the longest time, hours.", HelpName = "H", DefaultValueFactory = _ => 8 };
    private readonly Option<bool> _spot = new("--spot") { Description = "Rented: only interruptible machines." };
    private readonly Option<bool> _onDemand = new("--on-demand") { Description = "Rented: no interruptible machines." };
    private readonly Option<double> _disk = new("--disk") { Description = "Rented: disk, GiB.", HelpName = "N", DefaultValueFactory = _ => 50 };

    /// <summary>The yes to what costs money.</summary>
    public Consent Consent { get; } = new();

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _on, _identity, _hostKey, _knownHosts, _tool, _setUp, _hostFolder, _timeLimit, _gpus, _slurm, _detach, _onInterrupt, _maxCost, _maxHours, _spot, _onDemand, _disk })
        {
            command.Add(option);
        }

        Consent.AddTo(command);
    }

    /// <summary>Adds what counts while a training is followed.</summary>
    public void AddFollowingTo(Command command) => command.Add(_onInterrupt);

    /// <summary>Whether Ctrl-C ends the training, and its rented machine.</summary>
    /// <exception cref="SettingsException">The value is another.</exception>
    public bool EndsOnInterrupt(ParseResult arguments) => arguments.GetValue(_onInterrupt) switch
    {
        null or "detach" => false,
        "end" => true,
        var other => throw new SettingsException($"--on-interrupt is '{other}'; it must be detach or end."),
    };

    /// <summary>The limits of a lease.</summary>
    /// <exception cref="SettingsException">The cost is not limited, or a value is out of its range.</exception>
    public LeaseLimits Limits(ParseResult arguments)
    {
        var cost = arguments.GetValue(_maxCost) ?? throw new SettingsException("--max-cost is missing: the most that the rented machine may cost in all, USD.");
        var hours = arguments.GetValue(_maxHours);
        var limits = new LeaseLimits { MaxCostUsd = cost, MaxTime = hours is > 0 and <= 8760 ? TimeSpan.FromHours(hours) : TimeSpan.Zero };
        return limits.Check().ToList() is { Count: > 0 } problems ? throw new SettingsException(string.Join(Environment.NewLine, problems)) : limits;
    }

    /// <summary>Whether interruptible machines are wanted; null for either.</summary>
    public bool? IsSpot(ParseResult arguments) => (arguments.GetValue(_spot), arguments.GetValue(_onDemand)) switch
    {
        (true, true) => throw new SettingsException("--spot and --on-demand exclude each other. Leave both out to take either."),
        (true, _) => true,
        (_, true) => false,
        _ => null,
    };

    /// <summary>Disk of a rented machine, GiB.</summary>
    public double DiskGib(ParseResult arguments) => arguments.GetValue(_disk);

    /// <summary>Where to train; null is here and now.</summary>
    public string? On(ParseResult arguments) => arguments.GetValue(_on);

    /// <summary>The sightline program on the host; null sends this one.</summary>
    public string? Tool(ParseResult arguments) => arguments.GetValue(_tool);

    /// <summary>Whether not to wait.</summary>
    public bool IsDetached(ParseResult arguments) => arguments.GetValue(_detach);

    /// <summary>Lines that run before the program.</summary>
    public string SetUp(ParseResult arguments)
    {
        var file = arguments.GetValue(_setUp);
        return file is null ? ""
            : File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n").Trim()
            : throw new NotFoundException($"The file '{file}' of --set-up is not there.");
    }

    /// <summary>What Slurm is asked for.</summary>
    public SlurmOptions Slurm(ParseResult arguments) => new()
    {
        Partition = JobHosts.Partition(On(arguments) ?? ""),
        TimeLimit = arguments.GetValue(_timeLimit) is not { } minutes ? null
            : minutes is >= 1 and <= 525600 ? TimeSpan.FromMinutes(minutes)
            : throw new SettingsException(string.Create(CultureInfo.InvariantCulture, $"--time-limit is {minutes}; it must be 1 to 525600 minutes.")),
        Gpus = arguments.GetValue(_gpus),
        More = arguments.GetValue(_slurm) ?? [],
    };

    /// <summary>How the host is reached.</summary>
    public HostAccess Access(ParseResult arguments) => new()
    {
        Identities = [.. (arguments.GetValue(_identity) ?? []).Select(Path.GetFullPath)],
        HostKey = arguments.GetValue(_hostKey),
        KnownHosts = arguments.GetValue(_knownHosts) is { } file ? [Path.GetFullPath(file)] : [Path.Combine(PriceAccess.ConfigFolder, "known_hosts")],
        Root = arguments.GetValue(_hostFolder),
    };
}
