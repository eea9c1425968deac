using System.Threading.RateLimiting;

namespace Sightline.Studio.Access;

/// <summary>Ten tries to log in per minute and address.</summary>
internal sealed class LoginLimiter : IDisposable
{
    /// <summary>Tries per <see cref="Window"/>.</summary>
    public const int Tries = 10;

    /// <summary>After which tries count anew.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetFixedWindowLimiter(address, _ => new FixedWindowRateLimiterOptions { PermitLimit = Tries, Window = Window, QueueLimit = 0 }));

    /// <summary>Whether one more try is allowed.</summary>
    public bool Admits(string address)
    {
        using var lease = _limiter.AttemptAcquire(address);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
