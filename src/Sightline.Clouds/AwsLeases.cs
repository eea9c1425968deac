using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon;
using Amazon.EC2;
using Amazon.EC2.Model;
using Amazon.Runtime;
using Sightline.Compute.Leases;
using Sightline.Compute.Leases.Clouds;
using Sightline.Compute.Providers;

namespace Sightline.Clouds;

/// <summary>AWS, EC2: rents virtual machines, spot too. A shutdown from within terminates the machine and ends its billing.</summary>
/// <remarks>Through AWSSDK.EC2, which signs and reads; waits and second tries are ours, as with all providers. A machine's id here is <c>region/i-...</c>.</remarks>
internal sealed class AwsLeases : ILeaseProvider, IDisposable
{
    /// <summary>The key's id.</summary>
    public const string KeyId = "AWS_ACCESS_KEY_ID";

    private const string Name = "AWS";
    private const string LeaseTag = "sightline-lease";
    private const string Secret = "AWS_SECRET_ACCESS_KEY";
    private const string User = "ubuntu";
    private const string GroupName = "sightline-ssh";
    private const string HomeRegion = "us-east-1";
    // EC2 looks the newest image of this public parameter up by itself.
    private const string DefaultImage = "resolve:ssm:/aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-ubuntu-22.04/latest/ami-id";
    private static readonly TimeSpan _firstWait = TimeSpan.FromSeconds(2);
    private static readonly string[] _states = ["pending", "running", "shutting-down", "stopping", "stopped"]; // All but terminated.

    private readonly CloudAccess _access;
    private readonly AwsClients _clients;
    private IReadOnlyList<string>? _regions;

    public AwsLeases(CloudAccess access, HttpClient http)
    {
        _access = access;
        _clients = new AwsClients(http, access.Addresses.GetValueOrDefault("aws"), () =>
        {
            var (id, secret) = (access.Need(Name, KeyId), access.Need(Name, Secret));
            return access.Find("AWS_SESSION_TOKEN") is { } session ? new SessionAWSCredentials(id, secret, session) : new BasicAWSCredentials(id, secret);
        });
    }

    /// <summary>This backend, for the list of them.</summary>
    public static LeaseProviderEntry Entry { get; } = new("aws", setup => LeaseProviders.Keyed(setup, KeyId, access => new AwsLeases(access, setup.Http)), $"{KeyId} and {Secret}");

    public string Id => "aws";

    public LeaseAbilities Abilities { get; } = new() { RentsSpot = true, CreatesOnce = true, EndsFromWithin = true };

    public void Dispose() => _clients.Dispose();

    public async Task<Machine> CreateAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        var place = request.Offer.Region;
        var zone = place.Length > 0 && char.IsAsciiLetter(place[^1]) ? place : null; // us-east-1a is a zone of us-east-1.
        var region = zone is null ? place : zone[..^1];
        var group = await FindGroupAsync(region, cancellationToken).ConfigureAwait(false);
        var call = new RunInstancesRequest
        {
            ImageId = request.Image.Length > 0 ? request.Image : _access.Find("AWS_IMAGE_ID") ?? DefaultImage,
            InstanceType = request.Offer.Instance,
            MinCount = 1,
            MaxCount = 1,
            ClientToken = Token(request),
            SecurityGroupIds = [group],
            Placement = zone is null ? null : new Placement { AvailabilityZone = zone },
            InstanceInitiatedShutdownBehavior = ShutdownBehavior.Terminate,
            InstanceMarketOptions = request.Offer.IsSpot ? new InstanceMarketOptionsRequest
            {
                MarketType = MarketType.Spot,
                SpotOptions = new SpotMarketOptions
                {
                    MaxPrice = request.MaxPricePerHourUsd.ToString("0.#####", CultureInfo.InvariantCulture),
                    SpotInstanceType = SpotInstanceType.OneTime,
                    InstanceInterruptionBehavior = InstanceInterruptionBehavior.Terminate,
                },
            } : null,
            BlockDeviceMappings = [new BlockDeviceMapping { DeviceName = "/dev/sda1", Ebs = new EbsBlockDevice { VolumeSize = (int)Math.Ceiling(request.DiskGib), VolumeType = VolumeType.Gp3, DeleteOnTermination = true } }],
            MetadataOptions = new InstanceMetadataOptionsRequest { HttpTokens = HttpTokensState.Required },
            UserData = Convert.ToBase64String(Encoding.UTF8.GetBytes(Script(request))),
            TagSpecifications = [.. new[] { ResourceType.Instance, ResourceType.Volume }.Select(type => new TagSpecification
            {
                ResourceType = type,
                Tags = [new Tag("Name", request.Name), new Tag(LeaseTag, request.LeaseId)],
            })],
        };
        var answer = await AskAsync(region, $"to rent {request.Offer.Instance} in {place}", isSafe: false, (client, token) => client.RunInstancesAsync(call, token), cancellationToken).ConfigureAwait(false);
        return answer.Reservation?.Instances is [var instance]
            ? Read(region, instance) with { Name = request.Name }
            : throw new LeaseException(LeaseTrouble.Unanswered, $"{Name} answered without a machine when asked to rent {request.Offer.Instance}. Its list of machines tells what was done.");
    }

    public async Task<IReadOnlyList<Machine>> ListAsync(CancellationToken cancellationToken)
    {
        var machines = new List<Machine>();
        foreach (var region in await RegionsAsync(cancellationToken).ConfigureAwait(false))
        {
            string? next = null;
            do
            {
                var call = new DescribeInstancesRequest
                {
                    Filters = [new Filter("tag:Name", [$"{MachineRequest.NamePrefix}*"]), new Filter("instance-state-name", [.. _states])],
                    NextToken = next,
                };
                var page = await AskAsync(region, "for its machines", isSafe: true, (client, token) => client.DescribeInstancesAsync(call, token), cancellationToken).ConfigureAwait(false);
                machines.AddRange((page.Reservations ?? []).SelectMany(reservation => reservation.Instances ?? []).Select(instance => Read(region, instance)));
                next = page.NextToken;
            }
            while (!string.IsNullOrEmpty(next));
        }

        return machines;
    }

    public async Task<Machine?> FindAsync(string machineId, CancellationToken cancellationToken)
    {
        var (region, id) = Split(machineId);
        var call = new DescribeInstancesRequest { InstanceIds = [id] };
        var answer = await AskAsync(region, $"for machine {machineId}", isSafe: true, (client, token) => OrGoneAsync(client.DescribeInstancesAsync(call, token)), cancellationToken).ConfigureAwait(false);
        return answer?.Reservations?.SelectMany(reservation => reservation.Instances ?? []).FirstOrDefault() is { } instance && instance.State?.Name != InstanceStateName.Terminated ? Read(region, instance) : null;
    }

    public async Task EndAsync(string machineId, CancellationToken cancellationToken)
    {
        var (region, id) = Split(machineId);
        var call = new TerminateInstancesRequest { InstanceIds = [id] };
        await AskAsync(region, $"to end machine {machineId}", isSafe: true, (client, token) => OrGoneAsync(client.TerminateInstancesAsync(call, token)), cancellationToken).ConfigureAwait(false);
    }

    // An id that was terminated more than an hour ago is not known any more.
    private static async Task<T?> OrGoneAsync<T>(Task<T> call)
        where T : class
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (AmazonEC2Exception error) when (error.ErrorCode == "InvalidInstanceID.NotFound")
        {
            return null;
        }
    }

    /// <summary>The regions that machines may be in: those of the setting, else all that the account has.</summary>
    private async Task<IReadOnlyList<string>> RegionsAsync(CancellationToken cancellationToken)
    {
        if (_regions is null)
        {
            _regions = _access.Find("AWS_REGIONS") is { } setting
                ? setting.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                : [.. (await AskAsync(HomeRegion, "for its regions", isSafe: true, (client, token) => client.DescribeRegionsAsync(new DescribeRegionsRequest(), token), cancellationToken).ConfigureAwait(false)).Regions.Select(region => region.RegionName)];
        }

        return _regions;
    }

    /// <summary>The firewall that lets SSH in; made once per region, it costs nothing.</summary>
    private async Task<string> FindGroupAsync(string region, CancellationToken cancellationToken)
    {
        if (_access.Find("AWS_SECURITY_GROUP_ID") is { } setting)
        {
            return setting;
        }

        const string asked = "for its security groups";
        var look = new DescribeSecurityGroupsRequest { Filters = [new Filter("group-name", [GroupName])] };
        var known = await AskAsync(region, asked, isSafe: true, (client, token) => client.DescribeSecurityGroupsAsync(look, token), cancellationToken).ConfigureAwait(false);
        if (known.SecurityGroups is not [{ } group, ..])
        {
            // Refused when another process made it meanwhile, or when the first try was done without an answer.
            await AskAsync(region, asked, isSafe: true, (client, token) => OrDuplicateAsync(client.CreateSecurityGroupAsync(new CreateSecurityGroupRequest { GroupName = GroupName, Description = "SSH to machines leased by Sightline" }, token)), cancellationToken).ConfigureAwait(false);
            group = (await AskAsync(region, asked, isSafe: true, (client, token) => client.DescribeSecurityGroupsAsync(look, token), cancellationToken).ConfigureAwait(false)).SecurityGroups?.FirstOrDefault()
                ?? throw new LeaseException(LeaseTrouble.Refused, $"{Name} made no security group in {region}. Make one that lets port 22 in, and set AWS_SECURITY_GROUP_ID.");
        }

        if (!(group.IpPermissions ?? []).Any(permission => permission.FromPort <= 22 && permission.ToPort >= 22))
        {
            var allow = new AuthorizeSecurityGroupIngressRequest { GroupId = group.GroupId, IpPermissions = [new IpPermission { IpProtocol = "tcp", FromPort = 22, ToPort = 22, Ipv4Ranges = [new IpRange { CidrIp = "0.0.0.0/0" }] }] };
            await AskAsync(region, asked, isSafe: true, (client, token) => OrDuplicateAsync(client.AuthorizeSecurityGroupIngressAsync(allow, token)), cancellationToken).ConfigureAwait(false);
        }

        return group.GroupId;
    }

    private static async Task<T?> OrDuplicateAsync<T>(Task<T> call)
        where T : class
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (AmazonEC2Exception error) when (error.ErrorCode is "InvalidGroup.Duplicate" or "InvalidPermission.Duplicate")
        {
            return null;
        }
    }

    private Task<T> AskAsync<T>(string region, string asked, bool isSafe, Func<AmazonEC2Client, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var client = _clients.Get(region);
        return _access.Client.RetryAsync(async token =>
        {
            try
            {
                return new Outcome<T>(await call(client, token).ConfigureAwait(false));
            }
            catch (AmazonServiceException error) when (AwsErrors.IsRateLimit(error) || AwsErrors.IsPassing(error))
            {
                return new Outcome<T>(default, $"answered {(int)error.StatusCode} {error.ErrorCode}", IsRateLimit: AwsErrors.IsRateLimit(error));
            }
            catch (AmazonClientException error)
            {
                return new Outcome<T>(default, $"could not be reached: {error.Message}");
            }
            catch (AmazonServiceException error)
            {
                var trouble = AwsErrors.Kind(error);
                throw new LeaseException(trouble, $"{Name} refused {asked}: {error.ErrorCode}: {error.Message.TrimEnd('.')}.{(trouble == LeaseTrouble.Credentials ? $" Check {KeyId}, {Secret} and their rights." : "")}");
            }
        }, isSafe, _firstWait, (trouble, isRateLimit) => new LeaseException(
            isRateLimit ? LeaseTrouble.Quota : LeaseTrouble.Unanswered,
            $"{Name} {trouble} when asked {asked}. {(isRateLimit ? "Too many requests; nothing was done. Try again in a minute." : isSafe ? "Try again later." : "The machine may exist; the list of machines tells.")}"), cancellationToken);
    }

    private Machine Read(string region, Instance instance)
    {
        var state = instance.State?.Name?.Value ?? "";
        var reason = instance.StateReason?.Code ?? "";
        return new Machine
        {
            Id = $"{region}/{instance.InstanceId}",
            Name = instance.Tags?.FirstOrDefault(tag => tag.Key == "Name")?.Value ?? "",
            Provider = Id,
            State = state switch
            {
                "running" => MachineState.Running,
                "shutting-down" or "terminated" => MachineState.Ending,
                "stopping" or "stopped" => MachineState.Stopped,
                _ => MachineState.Creating,
            },
            SshHost = instance.PublicIpAddress ?? "",
            SshUser = User,
            CreatedAt = instance.LaunchTime is { } at ? new DateTimeOffset(at.ToUniversalTime()) : null,
            IsInterrupted = reason.StartsWith("Server.SpotInstance", StringComparison.Ordinal),
            Message = instance.StateReason?.Message ?? state,
        };
    }

    // At most 64 characters. With another offer it is another request: EC2 refuses a known token with other parameters.
    private static string Token(MachineRequest request) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{request.LeaseId}/{request.Offer.Instance}/{request.Offer.Region}/{request.Offer.IsSpot}")))[..40];

    private static string Script(MachineRequest request) => $"""
        #!/bin/sh
        mkdir -p /home/{User}/.ssh
        echo '{request.SshPublicKey}' >> /home/{User}/.ssh/authorized_keys
        chown -R {User}:{User} /home/{User}/.ssh
        {request.StartScript}
        """.ReplaceLineEndings("\n");

    private static (string Region, string Id) Split(string machineId) => machineId.Split('/') is [var region, var id]
        ? (region, id)
        : throw new LeaseException(LeaseTrouble.Refused, $"{Name}'s machine ids are region/id, such as us-east-1/i-0abc; got '{machineId}'.");
}
