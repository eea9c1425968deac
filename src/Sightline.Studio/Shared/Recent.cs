namespace Sightline.Studio.Shared;

/// <summary>What takes long to make: made once, one at a time, and the last few kept.</summary>
/// <param name="kept">How many.</param>
internal sealed class Recent<TKey, TValue>(int kept) : IDisposable
    where TKey : IEquatable<TKey>
    where TValue : class
{
    private readonly LinkedList<(TKey Key, TValue Value)> _kept = [];
    private readonly Lock _list = new();
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>What was made for a key; null where it was not, or is not kept any more.</summary>
    public TValue? Known(TKey key)
    {
        lock (_list)
        {
            return _kept.FirstOrDefault(entry => entry.Key.Equals(key)).Value;
        }
    }

    /// <summary>What was made for a key, or is made now.</summary>
    /// <param name="key">Asked for when it is this one's turn, since files may have changed meanwhile.</param>
    /// <param name="make">Makes it.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task<TValue> Of(Func<TKey> key, Func<TKey, Task<TValue>> make, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            var wanted = key();
            if (Known(wanted) is { } known)
            {
                return known;
            }

            var made = await make(wanted);
            lock (_list)
            {
                _kept.AddFirst((wanted, made));
                if (_kept.Count > kept)
                {
                    _kept.RemoveLast();
                }
            }

            return made;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();
}
