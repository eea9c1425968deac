using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Sightline.Studio.Access;

/// <summary>
/// Who is let in. Tokens that work once become sessions; both are known by their SHA-256 only, and are gone when the studio ends.
/// </summary>
internal sealed class Sessions(TimeProvider time)
{
    /// <summary>How long a session lasts without a request.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private readonly ConcurrentDictionary<string, (Role Role, DateTimeOffset Until)> _invitations = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Entry> _sessions = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Sessions that are not over, the newest first.</summary>
    public IReadOnlyList<Session> All => [.. _sessions.Values.Where(entry => entry.Until > time.GetUtcNow()).Select(entry => entry.Session).OrderByDescending(session => session.Number)];

    /// <summary>A token that lets one person in once.</summary>
    public string Invite(Role role, TimeSpan lifetime)
    {
        var token = NewToken();
        _invitations[Hash(token)] = (role, time.GetUtcNow() + lifetime);
        return token;
    }

    /// <summary>Takes a token in and opens a session; null where it is unknown, used or too old.</summary>
    public (string Cookie, Session Session)? Exchange(string token) =>
        _invitations.TryRemove(Hash(token), out var invitation) && invitation.Until > time.GetUtcNow() ? Open(invitation.Role) : null;

    /// <summary>Opens a session.</summary>
    public (string Cookie, Session Session) Open(Role role)
    {
        var cookie = NewToken();
        var session = new Session(Interlocked.Increment(ref _count), role, NewToken(), time.GetUtcNow());
        _sessions[Hash(cookie)] = new Entry(session, time.GetUtcNow() + Lifetime);
        return (cookie, session);
    }

    /// <summary>The session of a cookie; null where there is none. Each call prolongs it.</summary>
    public Session? Find(string? cookie)
    {
        if (string.IsNullOrEmpty(cookie) || Hash(cookie) is var key && !_sessions.TryGetValue(key, out var entry))
        {
            return null;
        }

        if (entry.Until <= time.GetUtcNow())
        {
            _sessions.TryRemove(Hash(cookie), out _);
            return null;
        }

        entry.Until = time.GetUtcNow() + Lifetime;
        return entry.Session;
    }

    /// <summary>Ends a session.</summary>
    public void End(int number)
    {
        foreach (var (key, _) in _sessions.Where(pair => pair.Value.Session.Number == number))
        {
            _sessions.TryRemove(key, out _);
        }
    }

    /// <summary>Compares secrets in a time that does not depend on where they differ.</summary>
    public static bool AreEqual(string? given, string secret) =>
        given is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static string Hash(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private sealed class Entry(Session session, DateTimeOffset until)
    {
        public Session Session { get; } = session;

        public DateTimeOffset Until { get; set; } = until;
    }
}
