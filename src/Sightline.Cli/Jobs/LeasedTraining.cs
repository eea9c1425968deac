using System.Globalization;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Gpus;
using Sightline.Cli.Leases;
using Sightline.Cli.Settings;
using Sightline.Compute;
using Sightline.Compute.Jobs;
using Sightline.Compute.Leases;
using Sightline.Compute.Offers;
using Sightline.Compute.Planning;
using Sightline.Data;
using Sightline.Planning;
using Sightline.Training;

namespace Sightline.Cli.Jobs;

/// <summary>
/// <c>train --on OFFER|auto</c>: leases a machine within limits, trains there, brings everything back and ends the lease. A machine that is
/// taken back is replaced by the next offer, where the same run goes on from its last checkpoint.
/// </summary>
internal sealed class LeasedTraining(Invocation invocation, OnArguments on, RemoteTraining training)
{
    private const int MostMachines = 5;
    private const int OffersShown = 5;
    private const int Tries = 3;

    // Notices come 30 seconds (Azure, Google) to 2 minutes (AWS) before the end.
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _checkpointTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _endPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _report = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time = TimeProvider.System;

    private CancellationToken Stop => training.Stop;

    /// <summary>Leases, trains, ends.</summary>
    public ExitCode Start(TrainSource.Choice choice, string? name, string target)
    {
        var offers = Offers(choice, target);
        var limits = on.Limits(invocation.Arguments);
        var folder = training.NewFolder(name, choice.Options.Model);
        SayPrice(offers, limits);
        on.Consent.Need(invocation, string.Create(CultureInfo.InvariantCulture, $"Train there, for at most {limits.MaxCostUsd:0.##} USD?"));
        using var access = LeaseAccess.Open(invocation);
        access.Reconcile(invocation, Stop);
        var began = _time.GetUtcNow();
        var (spent, left) = (0m, (IReadOnlyList<Offer>)offers);
        for (var machines = 1; ; machines++)
        {
            // What was spent and the time that went by count for all machines together.
            var rest = limits with { MaxCostUsd = limits.MaxCostUsd - spent, MaxTime = limits.MaxTime - (_time.GetUtcNow() - began) };
            if (rest.MaxCostUsd <= 0 || rest.MaxTime <= TimeSpan.Zero)
            {
                throw Limit(folder, limits, spent);
            }

            var turn = new Turn(access.Controller, folder, choice, left, rest, spent);
            var (status, record, lease) = OnMachine(turn);
            spent += LeaseCost.SoFarUsd(lease, _time.GetUtcNow());
            if (status is null)
            {
                return Left(folder, lease, spent);
            }

            if (Stop.IsCancellationRequested || !WasTaken(status, lease))
            {
                invocation.Say(string.Create(CultureInfo.InvariantCulture, $"Cost: {spent:0.00} USD on {machines} {(machines == 1 ? "machine" : "machines")}, of at most {limits.MaxCostUsd:0.##}."));
                return lease.State is LeaseState.Draining or LeaseState.Ended && status.State == JobState.Stopped && lease.Reason.Contains("limit", StringComparison.Ordinal)
                    ? throw Limit(folder, limits, spent)
                    : training.Conclude(status, record, folder);
            }

            // The machine's offer comes last from now on: its capacity is what ran out.
            var used = lease.Current?.Offer;
            left = [.. left.Where(offer => !IsOf(offer, used)), .. left.Where(offer => IsOf(offer, used))];
            if (machines == MostMachines)
            {
                throw new JobFailedException(ExitCode.LimitReached, $"{machines} machines were taken back one after the other ({lease.Reason}). The run is safe: go on with 'sightline train resume {RemoteTraining.Shown(folder)} --here', or with an offer that is not spot.");
            }

            invocation.Say(string.Create(CultureInfo.InvariantCulture, $"The machine was taken back ({lease.Reason}); {spent:0.00} USD so far. The run goes on elsewhere from its last checkpoint."));
        }
    }

    /// <summary>Follows a run on its leased machine again, and ends the lease with it.</summary>
    public ExitCode Resume(string folder, JobRecord record, string leaseId)
    {
        using var access = LeaseAccess.Open(invocation);
        access.Reconcile(invocation, Stop);
        var lease = access.Controller.FindAsync(leaseId, Stop).GetAwaiter().GetResult();
        if (!lease.IsOpen)
        {
            throw new JobFailedException(
                ExitCode.Provider,
                $"The machine of this run is gone: {lease.Reason}. Its checkpoints are here: go on with 'sightline train resume {RemoteTraining.Shown(folder)} --here', or move them to another machine.");
        }

        JobStatus? status;
        var host = JobHosts.Open(record.Host, RemoteTraining.AccessOf(record), _time);
        try
        {
            status = training.Follow(host, record, folder, Watch(access.Controller, leaseId, host, record));
        }
        finally
        {
            host.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        if (status is null)
        {
            lease = access.Controller.FindAsync(leaseId, CancellationToken.None).GetAwaiter().GetResult();
            return Left(folder, lease, (record.SpentBeforeUsd ?? 0) + LeaseCost.SoFarUsd(lease, _time.GetUtcNow()));
        }

        lease = End(access.Controller, leaseId);
        var ended = record with { BilledUntil = _time.GetUtcNow() };
        ended.Write(folder);
        invocation.Say(string.Create(CultureInfo.InvariantCulture, $"Cost: {(record.SpentBeforeUsd ?? 0) + LeaseCost.SoFarUsd(lease, _time.GetUtcNow()):0.00} USD."));
        return !Stop.IsCancellationRequested && WasTaken(status, lease)
            ? throw new JobFailedException(ExitCode.Provider, $"The machine was taken back ({lease.Reason}). The run's checkpoints are here: go on with 'sightline train resume {RemoteTraining.Shown(folder)} --here'.")
            : training.Conclude(status, ended, folder);
    }

    // The user left: what goes on, what it has cost, and how it ends.
    private ExitCode Left(string folder, Lease lease, decimal spent)
    {
        var endBy = LeaseCost.EndBy(lease, _time.GetUtcNow());
        var shown = RemoteTraining.Shown(folder);
        invocation.Result(
            new { run = folder, job = JobRecord.Read(folder)!.Job, state = "running", lease = lease.Id, spentUsd = decimal.Round(spent, 4), maxCostUsd = lease.Limits.MaxCostUsd, endBy }, // It was written before.
            text =>
            {
                text.WriteLine($"The job goes on; its run is {shown}.");
                text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Its machine goes on and is billed: {spent:0.00} USD so far, until {endBy:u} at the latest (lease {lease.Id})."));
                text.WriteLine();
                text.WriteLine("Next:");
                text.WriteLine($"  sightline train resume {shown}   follow it again; the machine ends with the training");
                text.WriteLine("  sightline gpu leases --watch   keep the limits without following");
                text.WriteLine($"  sightline run stop {shown}       end the training with a checkpoint");
                text.WriteLine($"  sightline gpu end {lease.Id}   end the machine; what was not brought here is lost");
            });
        return ExitCode.Done;
    }

    private static bool IsOf(Offer offer, LeaseOffer? used) => used is not null && offer.Provider == used.Provider && offer.Instance == used.Instance && offer.Region == used.Region
        && offer.PricePerHourUsd == used.PricePerHourUsd;

    // A training that ended by itself is over, whatever became of its machine since.
    private static bool WasTaken(JobStatus status, Lease lease) => status.State is not (JobState.Done or JobState.Failed)
        && (lease.State is LeaseState.Lost || lease.IsInterrupted || (status.State == JobState.Unknown && lease.State is LeaseState.Draining or LeaseState.Ended));

    private (JobStatus? Status, JobRecord Record, Lease Lease) OnMachine(Turn turn)
    {
        var keys = Path.Combine(PriceAccess.ConfigFolder, "keys");
        var keyName = $"{Path.GetFileName(turn.Folder)}-{_time.GetUtcNow().ToUnixTimeSeconds()}";
        var pair = turn.Offers.Any(offer => offer.Host.Length == 0) ? SshKeyPair.Ensure(keys, keyName) : null;
        var lease = turn.Controller.LeaseAsync(
            new LeaseOrder { Offers = turn.Offers, Limits = turn.Limits, SshPublicKey = pair?.PublicKey ?? "", Purpose = $"train {Path.GetFileName(turn.Folder)}", DiskGib = on.DiskGib(invocation.Arguments) },
            Stop).GetAwaiter().GetResult();
        var isLeft = false;
        JobStatus? status = null;
        JobRecord? record = null;
        try
        {
            var machine = lease.Machine!; // LeaseAsync returns a ready lease.
            var offer = lease.Current!.Offer; // As above.
            var usual = on.Access(invocation.Arguments);
            // A machine that was just made has a key that nobody can know; a host of one's own has one that must be known.
            var isMade = machine.Provider != "ssh";
            var access = !isMade ? usual : usual with
            {
                Identities = [pair!.PrivateFile], // Made above where a machine may be.
                KnownHosts = [Path.Combine(keys, keyName + ".known_hosts")],
                AcceptsFirst = true,
            };
            var target = string.Create(CultureInfo.InvariantCulture, $"ssh:{machine.SshUser}@{(machine.SshHost.Contains(':') ? $"[{machine.SshHost}]" : machine.SshHost)}:{machine.SshPort}");
            var host = JobHosts.Open(target, access, _time);
            try
            {
                record = training.Send(host, turn.Choice, target, access, Path.GetFileName(turn.Folder)) with
                {
                    Lease = lease.Id,
                    Offer = offer?.ToString() ?? target,
                    Gpu = offer?.GpuId,
                    PricePerHourUsd = lease.Current.PricePerHourUsd,
                    MaxCostUsd = turn.Limits.MaxCostUsd + turn.SpentUsd,
                    SpentBeforeUsd = turn.SpentUsd,
                    BilledSince = lease.Current.IntentAt,
                };
                record.Write(turn.Folder);
                SendRun(host, record, turn.Folder);
                training.Begin(host, record);
                invocation.Say($"The training runs on {record.Offer}.");
                status = training.Follow(host, record, turn.Folder, Watch(turn.Controller, lease.Id, host, record));
                isLeft = status is null;
            }
            catch (HostLostException error)
            {
                // The machine may have been taken back while it was being set up.
                status = new JobStatus { State = JobState.Unknown, Message = error.Message };
            }
            finally
            {
                host.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        }
        finally
        {
            if (!isLeft)
            {
                lease = End(turn.Controller, lease.Id);
                SshKeyPair.Remove(keys, keyName);
                (record is null ? null : record with { BilledUntil = _time.GetUtcNow() })?.Write(turn.Folder);
            }
        }

        return (status, record!, lease); // It is null only where an exception went through.
    }

    // Ends the lease whatever happened, also after Ctrl-C.
    private Lease End(LeaseController controller, string id)
    {
        invocation.Say("Ending the lease ...");
        var wasTaken = controller.FindAsync(id, CancellationToken.None).GetAwaiter().GetResult();
        var ended = controller.EndAsync(id, _endPatience, CancellationToken.None).GetAwaiter().GetResult();
        if (ended.IsOpen)
        {
            invocation.Say($"The provider has not confirmed the end of {id} yet. 'sightline gpu leases' goes on with it; look there.");
        }

        return ended with { IsInterrupted = wasTaken.IsInterrupted, State = wasTaken.State is LeaseState.Lost ? LeaseState.Lost : ended.State, Reason = wasTaken.IsOpen && wasTaken.IsUsable ? ended.Reason : wasTaken.Reason };
    }

    // Looks after the lease while the training is followed.
    private Func<JobStatus, CancellationToken, Task<string?>> Watch(LeaseController controller, string id, IJobHost host, JobRecord record)
    {
        var (lookedAt, reportedAt, isAsked) = (_time.GetTimestamp(), 0L, false);
        return async (status, cancellationToken) =>
        {
            // The machine itself knows first, by half a minute that a checkpoint needs.
            if (status is { Notice.Length: > 0, State: JobState.Running } && !isAsked)
            {
                isAsked = true;
                invocation.Say($"{status.Notice}; the training writes its checkpoint.");
                await host.StopAsync(record.Job, _checkpointTime, cancellationToken).ConfigureAwait(false);
                await controller.DrainAsync(id, $"the machine was given notice: {status.Notice}", _checkpointTime * 2, cancellationToken, isInterrupted: true).ConfigureAwait(false);
            }

            if (_time.GetElapsedTime(lookedAt) < _look)
            {
                return null;
            }

            lookedAt = _time.GetTimestamp();
            await controller.TickAsync(cancellationToken).ConfigureAwait(false);
            var lease = await controller.FindAsync(id, cancellationToken).ConfigureAwait(false);
            if (lease.State is LeaseState.Ended or LeaseState.Lost)
            {
                return $"the lease has ended: {lease.Reason}";
            }

            if (lease.State is LeaseState.Draining && !isAsked && status.State != JobState.Unknown)
            {
                invocation.Say($"The machine ends soon ({lease.Reason}); the training writes its checkpoint.");
                await host.StopAsync(record.Job, _checkpointTime, cancellationToken).ConfigureAwait(false);
                isAsked = true;
            }

            if (lease.IsUsable && status.State == JobState.Running && (reportedAt == 0 || _time.GetElapsedTime(reportedAt) >= _report))
            {
                reportedAt = _time.GetTimestamp();
                await controller.NoteActivityAsync(id, isBusy: true, cancellationToken).ConfigureAwait(false);
            }

            return null;
        };
    }

    // What the run has so far goes to the new machine.
    private void SendRun(IJobHost host, JobRecord record, string folder)
    {
        if (!File.Exists(Path.Combine(folder, "run.json")))
        {
            return;
        }

        string[] names = ["split.json", "metrics.jsonl", "control.jsonl", "checkpoints/best.safetensors", "checkpoints/previous.safetensors", "checkpoints/last.safetensors"];
        foreach (var name in names.Where(name => File.Exists(Path.Combine(folder, name))))
        {
            Again(() => File.OpenRead(Path.Combine(folder, name)), name);
        }

        // Last, for it makes the folder a run.
        Again(() => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(HostPaths.ForHost(folder, record))), "run.json");
        JobSync.Moved(folder);

        void Again(Func<Stream> open, string name)
        {
            for (var tries = 1; ; tries++)
            {
                try
                {
                    using var content = open();
                    host.PutFileAsync(record.Job, $"{record.RunFolder}/{name}", content, Stop).GetAwaiter().GetResult();
                    return;
                }
                catch (HostLostException) when (tries < Tries)
                {
                    // Once more, whole.
                }
            }
        }
    }

    private List<Offer> Offers(TrainSource.Choice choice, string target)
    {
        var prices = new OfferArguments();
        var query = new OfferQuery { GpuCount = 1, IsSpot = on.IsSpot(invocation.Arguments) };
        var (book, _) = PriceAccess.Read(invocation, prices, query);
        var admitted = book.Offers.Where(offer => query.Admits(offer) && offer.Gpu.Refusal is null).ToList();
        if (target != "auto")
        {
            var slash = target.IndexOf('/', StringComparison.Ordinal);
            var (provider, instance) = slash > 0 ? (target[..slash], target[(slash + 1)..]) : (target, "");
            var named = admitted.Where(offer => offer.Provider.Equals(provider, StringComparison.OrdinalIgnoreCase) && (instance.Length == 0 || offer.Instance.Equals(instance, StringComparison.OrdinalIgnoreCase)))
                .OrderBy(offer => offer.PricePerHourUsd).ToList();
            return named.Count > 0 ? named : throw new NotFoundException(
                $"'{target}' is neither a host (local, ssh:HOST, slurm[:PARTITION]) nor an offer as PROVIDER/INSTANCE. 'sightline gpu offers' shows the offers.");
        }

        // Only what can be leased with what is set up here.
        using var access = LeaseAccess.Open(invocation);
        var ids = access.Providers.Select(provider => provider.Id).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var ranked = OfferRanking.Rank(Job(choice), admitted.Where(offer => ids.Contains(LeaseProviders.IdOf(offer))), new CostTerms(), on.Limits(invocation.Arguments).MaxTime.TotalHours)
            .Select(row => row.Offer).ToList();
        return ranked.Count > 0 ? ranked : throw new NotFoundException(
            $"No offer that can be leased from here fits the training and --max-hours. Set up: {(ids.Count > 0 ? string.Join(", ", ids) : "no provider")}. 'sightline gpu plan' shows what fits; docs/gpus-and-prices.md says how a provider is set up.");
    }

    private static TrainingJob Job(TrainSource.Choice choice)
    {
        var data = ImageDatasets.Open(choice.Location, Trainer.Split(choice.Options));
        return TrainingJobs.Of(choice.Options, data.Train.Count, data.Classes.Count, choice.IsBatchGiven);
    }

    private void SayPrice(IReadOnlyList<Offer> offers, LeaseLimits limits)
    {
        invocation.Say($"{Math.Min(OffersShown, offers.Count)} of {offers.Count} offers, the first that has a machine free is taken:");
        foreach (var offer in offers.Take(OffersShown))
        {
            invocation.Say(string.Create(CultureInfo.InvariantCulture, $"  {LeaseOffer.Of(offer)}; {limits.MaxCostUsd:0.##} USD pay {limits.MaxCostUsd / Math.Max(offer.PricePerHourUsd, 0.0001m):0.0} hours"));
        }
    }

    private JobFailedException Limit(string folder, LeaseLimits limits, decimal spent) => new(
        ExitCode.LimitReached,
        string.Create(CultureInfo.InvariantCulture, $"The limit of the lease is reached: {spent:0.00} of {limits.MaxCostUsd:0.##} USD, {limits.MaxTime.TotalHours:0.##} hours. The run is safe: go on with 'sightline train resume {RemoteTraining.Shown(folder)} --here', or train again with a higher --max-cost or --max-hours."));

    private sealed record Turn(LeaseController Controller, string Folder, TrainSource.Choice Choice, IReadOnlyList<Offer> Offers, LeaseLimits Limits, decimal SpentUsd);
}
