using System.Text;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Security;

namespace Sightline.Compute.Jobs;

/// <summary>A key pair for one lease: it opens that machine and nothing else, and goes with it.</summary>
/// <param name="PrivateFile">The private key, readable by the owner alone.</param>
/// <param name="PublicKey">The line for <c>authorized_keys</c>.</param>
internal sealed record SshKeyPair(string PrivateFile, string PublicKey)
{
    private const int LineLength = 70;

    /// <summary>Makes an ed25519 pair, or returns the one that is there.</summary>
    /// <param name="folder">Folder of the keys; made for the owner alone.</param>
    /// <param name="name">Name of the files, such as the lease's id.</param>
    public static SshKeyPair Ensure(string folder, string name)
    {
        PrivateFiles.MakeFolder(folder);
        var file = Path.Combine(folder, name);
        if (File.Exists(file) && File.Exists(file + ".pub"))
        {
            return new SshKeyPair(file, File.ReadAllText(file + ".pub").TrimEnd('\n'));
        }

        var generator = new Ed25519KeyPairGenerator();
        generator.Init(new Ed25519KeyGenerationParameters(new SecureRandom()));
        var pair = generator.GenerateKeyPair();
        var publicKey = $"ssh-ed25519 {Convert.ToBase64String(OpenSshPublicKeyUtilities.EncodePublicKey(pair.Public))} sightline-{name}";
        File.Delete(file);
        PrivateFiles.WriteNew(file, Encoding.ASCII.GetBytes(Pem(OpenSshPrivateKeyUtilities.EncodePrivateKey(pair.Private))));
        File.WriteAllText(file + ".pub", publicKey + "\n");
        return new SshKeyPair(file, publicKey);
    }

    /// <summary>Removes a lease's pair, and what was known of its host; silent when it is gone.</summary>
    public static void Remove(string folder, string name)
    {
        foreach (var file in new[] { name, name + ".pub", name + ".known_hosts" }.Select(file => Path.Combine(folder, file)).Where(File.Exists))
        {
            File.Delete(file);
        }
    }

    private static string Pem(byte[] key)
    {
        var text = Convert.ToBase64String(key);
        var lines = Enumerable.Range(0, (text.Length + LineLength - 1) / LineLength).Select(i => text.Substring(i * LineLength, Math.Min(LineLength, text.Length - (i * LineLength))));
        return $"-----BEGIN OPENSSH PRIVATE KEY-----\n{string.Join('\n', lines)}\n-----END OPENSSH PRIVATE KEY-----\n";
    }
}
