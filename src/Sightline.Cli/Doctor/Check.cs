using System.Text.Json.Serialization;

namespace Sightline.Cli.Doctor;

/// <summary>How a check came out.</summary>
internal enum CheckStatus
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Works, but could be better.</summary>
    Doubtful,

    /// <summary>Must be mended first.</summary>
    Bad,
}

/// <summary>One thing looked at.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Status">How it came out.</param>
/// <param name="Seen">What was found.</param>
/// <param name="Next">What to do; null when nothing.</param>
internal sealed record Check(string Name, CheckStatus Status, string Seen, string? Next = null)
{
    /// <summary>How the command ends when this is bad.</summary>
    [JsonIgnore]
    public ExitCode ExitCode { get; init; } = ExitCode.Device;
}
