namespace Sightline.Compute.Jobs;

/// <summary>Files and folders that only their owner can read.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    /// <summary>Makes a folder; one that is there keeps its permissions.</summary>
    public static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerFolder);
        }
    }

    /// <summary>Writes a new file, which never was readable by others, not even for a moment.</summary>
    /// <exception cref="IOException">There is one.</exception>
    public static void WriteNew(string file, ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(file, Options(FileMode.CreateNew));
        stream.Write(content);
    }

    /// <summary>Opens a file for appending; a new one is for the owner alone.</summary>
    public static FileStream OpenAppend(string file) => new(file, Options(FileMode.Append));

    /// <summary>Why others could read a file, or null where they cannot.</summary>
    public static string? Exposure(string file) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~OwnerFolder) != 0
            ? $"'{file}' can be read or changed by others (mode {Convert.ToString((int)File.GetUnixFileMode(file), 8)}); run: chmod 600 '{file}'"
            : null;

    private static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerFile;
        }

        return options;
    }
}
