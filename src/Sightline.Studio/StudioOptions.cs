using System.Net;
using Sightline.Studio.Jobs;
using Sightline.Studio.Train;

namespace Sightline.Studio;

/// <summary>Where the studio listens and what it shows.</summary>
internal sealed record StudioOptions
{
    /// <summary>The port where none is asked for.</summary>
    public const int UsualPort = 7460;

    /// <summary>Shortest secret, characters.</summary>
    public const int ShortestSecret = 16;

    /// <summary>Folder of the runs.</summary>
    public required string Runs { get; init; }

    /// <summary>Folder of the stored data sets.</summary>
    public required string Store { get; init; }

    /// <summary>Where prices are kept on this machine: those that providers gave, and the user's own sheets.</summary>
    public required (string Cache, string Sheets) Prices { get; init; }

    /// <summary>The database of leases; null where none is shown.</summary>
    public string? Database { get; init; }

    /// <summary>Recipes by name: their JSON with the comments.</summary>
    public IReadOnlyDictionary<string, string> Recipes { get; init; } = new Dictionary<string, string>();

    /// <summary>The folder that commands run in; pictures and settings are taken from below it alone. Default: the working folder.</summary>
    public string Project { get; init; } = Environment.CurrentDirectory;

    /// <summary>How commands are started; null where the studio starts none.</summary>
    public Tool? Tool { get; init; }

    /// <summary>Reads settings in the way of <c>train</c>, with its messages.</summary>
    public ReadSettings ReadSettings { get; init; } = _ => throw new SettingsException("This studio reads no settings.");

    /// <summary>Address to listen on. Default: this machine only.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Port; 0 takes a free one, null the usual one or, where that is taken, a free one.</summary>
    public int? Port { get; init; }

    /// <summary>Names that the studio answers to besides its address.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Lets its knower in as an owner; null where only printed addresses do. At least <see cref="ShortestSecret"/> characters.</summary>
    public string? Secret { get; init; }

    /// <summary>A certificate with its key, PFX without a password or PEM; null for HTTP.</summary>
    public string? Certificate { get; init; }

    /// <summary>Whether another address than this machine's may be served without encryption.</summary>
    public bool AllowsPlainHttp { get; init; }

    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLocal => IPAddress.IsLoopback(Address);

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (Port is < 0 or > 65_535)
        {
            yield return $"--port is {Port}; it must be from 0 (any free port) to 65535.";
        }

        if (Secret is { Length: < ShortestSecret })
        {
            yield return $"The secret has {Secret.Length} characters; it must have at least {ShortestSecret}. 'openssl rand -base64 24' makes one.";
        }

        if (!IsLocal && Secret is null)
        {
            yield return $"--address {Address} can be reached from other machines, so a secret is needed: set the variable SIGHTLINE_STUDIO_SECRET.";
        }

        if (!IsLocal && Certificate is null && !AllowsPlainHttp)
        {
            yield return $"--address {Address} can be reached from other machines, so it must be encrypted: pass --certificate FILE, or --insecure-http behind a proxy that encrypts.";
        }

        if (Certificate is { } file && !File.Exists(file))
        {
            yield return $"The certificate '{file}' is not there. Pass a PFX or PEM file with --certificate.";
        }
    }
}
