namespace Sightline.Compute.Providers;

/// <summary>Finds providers' keys: in the environment, else in a file of one line that only its owner can read.</summary>
/// <param name="environment">Reads a variable; null when it is not set.</param>
/// <param name="folder">Folder of the files; each is named like its variable.</param>
public sealed class CredentialStore(Func<string, string?> environment, string folder)
{
    /// <summary>A credential.</summary>
    /// <param name="name">Such as <c>RUNPOD_API_KEY</c>.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="ComputeException">Others can read the file.</exception>
    public string? Find(string name)
    {
        if (environment(name) is { Length: > 0 } value)
        {
            return value.Trim();
        }

        return Read(name, Path.Combine(folder, name));
    }

    /// <summary>The text of a file that a variable names, such as <c>GOOGLE_APPLICATION_CREDENTIALS</c>.</summary>
    /// <returns>Null when the variable is not set, or its file is not there or empty.</returns>
    /// <exception cref="ComputeException">Others can read the file.</exception>
    internal string? FindFile(string name) => environment(name) is { Length: > 0 } file ? Read(name, file.Trim()) : null;

    private static string? Read(string name, string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) is not UnixFileMode.None)
        {
            throw new ComputeException(ComputeTrouble.Provider, $"The file of the key {name} can be read by others, so it is not used. Run: chmod 600 '{file}'");
        }

        return File.ReadAllText(file).Trim() is { Length: > 0 } text ? text : null;
    }
}
