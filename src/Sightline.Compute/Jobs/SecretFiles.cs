using System.Text;

namespace Sightline.Compute.Jobs;

/// <summary>Tells files that look like secrets: such files never leave this machine.</summary>
internal static class SecretFiles
{
    private const int LongestKeyFile = 1 << 16;

    private static readonly string[] _names =
    [
        ".env", ".netrc", "_netrc", ".npmrc", ".pypirc", ".git-credentials", ".pgpass", ".htpasswd", ".s3cfg", ".boto", ".dockercfg",
        "credentials", "secrets.json", "secrets.yaml", "secrets.yml", "secrets.toml", "client_secret.json", "token.json", "kubeconfig",
        "application_default_credentials.json", "accesstokens.json", "azureprofile.json", "kaggle.json", "wallet.dat",
    ];

    private static readonly string[] _endings = [".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk", ".asc", ".gpg", ".ovpn", ".tfstate", ".tfvars"];

    private static readonly string[] _folders = [".ssh", ".aws", ".azure", ".gnupg", ".kube", ".docker", "gcloud"];

    /// <summary>Why a file looks like a secret, or null where it does not.</summary>
    /// <param name="name">Path below the folder that is sent, with '/'.</param>
    /// <param name="path">The file.</param>
    public static string? Reason(string name, string path)
    {
        var parts = name.ToLowerInvariant().Split('/');
        var file = parts[^1];
        if (parts[..^1].FirstOrDefault(_folders.Contains) is { } folder)
        {
            return $"in a folder of credentials ({folder})";
        }

        if (_names.Contains(file) || file.StartsWith(".env.", StringComparison.Ordinal))
        {
            return "named like a file of credentials";
        }

        if (file.EndsWith(".pub", StringComparison.Ordinal))
        {
            return null;
        }

        if (_endings.FirstOrDefault(ending => file.EndsWith(ending, StringComparison.Ordinal)) is { } end)
        {
            return $"named like a key ({end})";
        }

        if (new[] { "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "ssh_host_" }.Any(start => file.StartsWith(start, StringComparison.Ordinal)))
        {
            return "named like an SSH key";
        }

        var isData = file.EndsWith(".json", StringComparison.Ordinal) || file.EndsWith(".yaml", StringComparison.Ordinal) || file.EndsWith(".yml", StringComparison.Ordinal);
        if (isData && new[] { "credential", "service-account", "service_account", "serviceaccount" }.Any(word => file.Contains(word, StringComparison.Ordinal)))
        {
            return "named like a file of credentials";
        }

        return parts is [.., ".git", "config"] && HoldsGitToken(path) ? "a git configuration with a token in it"
            : HoldsPrivateKey(path) ? "a private key by its content"
            : null;
    }

    private static bool HoldsPrivateKey(string path)
    {
        var file = new FileInfo(path);
        if (file.Length is 0 or > LongestKeyFile)
        {
            return false;
        }

        Span<byte> start = stackalloc byte[64];
        using var stream = file.OpenRead();
        var text = Encoding.ASCII.GetString(start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]).TrimStart();
        return text.StartsWith("-----BEGIN ", StringComparison.Ordinal) && text.Contains("PRIVATE KEY", StringComparison.Ordinal);
    }

    private static bool HoldsGitToken(string path) => File.ReadLines(path).Any(line =>
        line.Contains("extraheader", StringComparison.OrdinalIgnoreCase)
        || (line.Split("://") is [_, var rest, ..] && rest.Split('/')[0] is var authority && authority.Contains('@') && authority.Split('@')[0].Length > 3));
}
