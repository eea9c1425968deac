namespace Sightline.Studio.Access;

/// <summary>Ten failed tries to log in per minute and address.</summary>
internal sealed class LoginLimiter(TimeProvider time)
{
    /// <summary>Failed tries per <see cref="Window"/>.</summary>
    public const int Tries = 10;

    /// <summary>After which tries count anew.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private const int MostAddresses = 10_000;

    private readonly Dictionary<string, (long Since, int Count)> _tries = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Begins a try: counted as failed until <see cref="Succeeded"/>, so that tries at the same time cannot pass together. False: refused.</summary>
    public bool Admits(string address)
    {
        lock (_gate)
        {
            if (_tries.Count > MostAddresses)
            {
                foreach (var (old, _) in _tries.Where(pair => time.GetElapsedTime(pair.Value.Since) > Window).ToList())
                {
                    _tries.Remove(old);
                }
            }

            var now = _tries.TryGetValue(address, out var seen) && time.GetElapsedTime(seen.Since) <= Window ? seen : (Since: time.GetTimestamp(), Count: 0);
            if (now.Count >= Tries)
            {
                return false;
            }

            _tries[address] = (now.Since, now.Count + 1);
            return true;
        }
    }

    /// <summary>The try that was begun was right after all.</summary>
    public void Succeeded(string address)
    {
        lock (_gate)
        {
            if (_tries.TryGetValue(address, out var seen))
            {
                _tries[address] = (seen.Since, Math.Max(0, seen.Count - 1));
            }
        }
    }
}
