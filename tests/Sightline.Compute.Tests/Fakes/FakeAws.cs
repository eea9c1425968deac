using System.Security;
using System.Text;
using Sightline.Clouds;
using Sightline.Compute.Leases;
using Sightline.Compute.Leases.Clouds;

namespace Sightline.Compute.Tests.Fakes;

/// <summary>EC2's query protocol: form in, XML out. It is spoken to by the SDK.</summary>
internal sealed class FakeAws(TimeProvider time, FaultPlan faults) : FakeCloud(time, faults)
{
    private const string KeyId = "AKIDEXAMPLE";
    private readonly Dictionary<string, (string Parameters, FakeMachine Machine)> _tokens = [];
    private readonly HashSet<string> _groups = [];
    private int _next;

    protected override string Id => "aws";

    public override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = KeyId, ["AWS_SECRET_ACCESS_KEY"] = Key };

    // EC2 knows a key by its id; that the secret signs well is the SDK's business.
    public override IReadOnlyDictionary<string, string> WrongSettings { get; } = new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = "AKIDWRONG", ["AWS_SECRET_ACCESS_KEY"] = Key };

    public override ILeaseProvider Provider(CloudAccess access) => new AwsLeases(access, new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan });

    protected override bool InterruptionDeletes => true;

    protected override bool IsCreate(CloudRequest asked) => asked.Body.Contains("Action=RunInstances&", StringComparison.Ordinal);

    protected override bool IsKeyGood(CloudRequest asked) => asked.Authorization?.Contains($"Credential={KeyId}/", StringComparison.Ordinal) == true;

    protected override HttpResponseMessage RefuseKey(CloudRequest asked) => Error(401, "AuthFailure", "AWS was not able to validate the provided access credentials");

    protected override HttpResponseMessage Error(int status, string code, string message)
    {
        // EC2 limits the rate with 503.
        var (number, name) = status == 429 ? (503, "RequestLimitExceeded") : (status, code);
        return Reply(number, $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Errors><Error><Code>{name}</Code><Message>{SecurityElement.Escape(message)}</Message></Error></Errors><RequestID>r-1</RequestID></Response>", "text/xml");
    }

    protected override HttpResponseMessage Answer(CloudRequest asked)
    {
        var form = asked.Body.Split('&').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
        var region = asked.Authorization!.Split('/')[2];
        return form["Action"] switch
        {
            "DescribeRegions" => Xml("DescribeRegions", "<regionInfo><item><regionName>us-east-1</regionName></item><item><regionName>us-west-2</regionName></item></regionInfo>"),
            "DescribeSecurityGroups" => Xml("DescribeSecurityGroups", $"<securityGroupInfo>{(_groups.Contains(region) ? $"<item><groupId>sg-{region}</groupId><ipPermissions/></item>" : "")}</securityGroupInfo>"),
            "CreateSecurityGroup" => _groups.Add(region) ? Xml("CreateSecurityGroup", $"<groupId>sg-{region}</groupId>") : Error(400, "InvalidGroup.Duplicate", "exists"),
            "AuthorizeSecurityGroupIngress" => Xml("AuthorizeSecurityGroupIngress", "<return>true</return>"),
            "RunInstances" => Create(asked, form, region),
            "DescribeInstances" => Describe(form, region),
            "TerminateInstances" => End(form["InstanceId.1"], region),
            _ => Error(400, "InvalidAction", form["Action"]),
        };
    }

    private static HttpResponseMessage Xml(string action, string inner) =>
        Reply(200, $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r-1</requestId>{inner}</{action}Response>", "text/xml");

    private HttpResponseMessage Create(CloudRequest asked, Dictionary<string, string> form, string region)
    {
        if (form["InstanceInitiatedShutdownBehavior"] != "terminate" || form["SecurityGroupId.1"] != $"sg-{region}" || form["TagSpecification.1.Tag.1.Key"] != "Name")
        {
            return Error(400, "InvalidParameterValue", "parameters");
        }

        var token = form["ClientToken"];
        var parameters = $"{form["InstanceType"]}/{form.GetValueOrDefault("InstanceMarketOptions.MarketType")}";
        if (_tokens.TryGetValue(token, out var known))
        {
            return known.Parameters == parameters ? Ran(known.Machine) : Error(400, "IdempotentParameterMismatch", "token");
        }

        if (asked.Fault == Fault.Capacity)
        {
            return Error(500, "InsufficientInstanceCapacity", "We currently do not have sufficient capacity in the Availability Zone you requested.");
        }

        if (asked.Fault == Fault.Quota)
        {
            return Error(400, "VcpuLimitExceeded", "You have requested more vCPU capacity than your current vCPU limit of 0 allows.");
        }

        var isSpot = form.GetValueOrDefault("InstanceMarketOptions.MarketType") == "spot";
        var fate = asked.Fault == Fault.FailedAfterCreate ? new Fate { Fails = true, Vanishes = TimeSpan.FromSeconds(20) } : null; // pending, then terminated: Server.InternalError
        var machine = Add($"i-{++_next:x17}", form["TagSpecification.1.Tag.1.Value"], form["InstanceType"] == "g4dn.xlarge" ? 0.526m : 21.96m, isSpot, region, Encoding.UTF8.GetString(Convert.FromBase64String(form["UserData"])), fate: fate);
        _tokens[token] = (parameters, machine);
        return Ran(machine);
    }

    private HttpResponseMessage Ran(FakeMachine machine) => Xml("RunInstances", $"<reservationId>r-0</reservationId><instancesSet>{Show(machine)}</instancesSet>");

    private HttpResponseMessage Describe(Dictionary<string, string> form, string region)
    {
        if (form.TryGetValue("InstanceId.1", out var id))
        {
            return Machines.FirstOrDefault(machine => machine.Id == id && machine.Place == region) is { } found
                ? Xml("DescribeInstances", $"<reservationSet><item><instancesSet>{Show(found)}</instancesSet></item></reservationSet>")
                : Error(400, "InvalidInstanceID.NotFound", $"The instance ID '{id}' does not exist");
        }

        var from = form.TryGetValue("NextToken", out var token) ? int.Parse(token, System.Globalization.CultureInfo.InvariantCulture) : 0;
        var all = Machines.Where(machine => machine.Place == region && !IsTerminated(machine)).ToList();
        var next = from + 2 < all.Count ? $"<nextToken>{from + 2}</nextToken>" : "";
        return Xml("DescribeInstances", $"<reservationSet>{string.Concat(all.Skip(from).Take(2).Select(machine => $"<item><instancesSet>{Show(machine)}</instancesSet></item>"))}</reservationSet>{next}");
    }

    private HttpResponseMessage End(string id, string region)
    {
        if (Machines.FirstOrDefault(machine => machine.Id == id && machine.Place == region) is not { } machine)
        {
            return Error(400, "InvalidInstanceID.NotFound", $"The instance ID '{id}' does not exist");
        }

        machine.EndAskedAt ??= Now;
        return Xml("TerminateInstances", $"<instancesSet><item><instanceId>{id}</instanceId><currentState><code>32</code><name>shutting-down</name></currentState></item></instancesSet>");
    }

    private bool IsTerminated(FakeMachine machine) => machine.IsGone(Now);

    private string Show(FakeMachine machine)
    {
        var isOut = machine.IsInterrupted(Now);
        var (code, state) = IsTerminated(machine) ? (48, "terminated") : machine.EndAskedAt is not null ? (32, "shutting-down") : machine.IsRunning(Now) ? (16, "running") : (0, "pending");
        var reason = isOut ? "<stateReason><code>Server.SpotInstanceTermination</code><message>Spot instance termination</message></stateReason>" : "";
        var address = machine.IsRunning(Now) ? "<ipAddress>203.0.113.90</ipAddress>" : "";
        return $"<item><instanceId>{machine.Id}</instanceId><instanceState><code>{code}</code><name>{state}</name></instanceState>{reason}{address}<launchTime>{machine.CreatedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ss.000Z}</launchTime>"
            + $"<tagSet><item><key>Name</key><value>{machine.Name}</value></item></tagSet></item>";
    }
}
