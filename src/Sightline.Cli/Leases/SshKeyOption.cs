using System.CommandLine;

namespace Sightline.Cli.Leases;

/// <summary>The public key that a leased machine lets in.</summary>
internal static class SshKeyOption
{
    private static readonly string[] _usual = ["id_ed25519.pub", "id_ecdsa.pub", "id_rsa.pub"];

    public static Option<string?> Create() => new("--ssh-key") { Description = "Public key that may log in. Default: the usual one in ~/.ssh.", HelpName = "FILE" };

    /// <summary>Reads the key.</summary>
    /// <exception cref="SightlineException">The file is not there or is no public key.</exception>
    public static string Read(string? file)
    {
        var folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh");
        var path = file ?? _usual.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new NotFoundException($"There is no public SSH key in {folder}. Make one with: ssh-keygen -t ed25519, or pass --ssh-key FILE.");
        if (!File.Exists(path))
        {
            throw new NotFoundException($"The key '{path}' is not there. Pass the public key's file with --ssh-key.");
        }

        var text = File.ReadAllText(path).Trim();
        return text.Contains("PRIVATE KEY", StringComparison.Ordinal) ? throw new SettingsException($"'{path}' is a private key, which must not leave this machine. Pass its public half, usually {path}.pub.")
            : text.Contains('\n') || text.Split(' ').Length < 2 ? throw new DataException($"'{path}' is no public key of OpenSSH; it is one line as 'ssh-ed25519 AAAA... name'.")
            : text;
    }
}
