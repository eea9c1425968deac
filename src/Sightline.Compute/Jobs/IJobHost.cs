namespace Sightline.Compute.Jobs;

/// <summary>
/// Where jobs run. All calls may be repeated; a call that could not reach the host throws <see cref="HostLostException"/>, except
/// <see cref="StatusAsync"/>, which answers <see cref="JobState.Unknown"/>.
/// </summary>
internal interface IJobHost : IAsyncDisposable
{
    /// <summary>What people call it: <c>local</c>, <c>ssh:user@host:port</c>, <c>slurm:partition</c>.</summary>
    string Address { get; }

    /// <summary>Brings a folder to the host, unless its content is there already; goes on where a broken connection left off.</summary>
    /// <returns>The folder's absolute path on the host.</returns>
    Task<string> PutFolderAsync(FolderPack pack, IProgress<UploadProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Makes the job's folder and returns its absolute path on the host.</summary>
    Task<string> PrepareAsync(string job, CancellationToken cancellationToken);

    /// <summary>Writes a file of the job, whole or not at all, readable by the owner alone.</summary>
    /// <param name="file">Path below the job's folder.</param>
    Task PutFileAsync(string job, string file, Stream content, CancellationToken cancellationToken);

    /// <summary>Starts the job under a supervisor that outlives the connection; a job that runs already is left alone.</summary>
    Task StartAsync(JobSpec job, CancellationToken cancellationToken);

    /// <summary>What the job is at.</summary>
    Task<JobStatus> StatusAsync(string job, CancellationToken cancellationToken);

    /// <summary>The files below a folder of the job.</summary>
    Task<IReadOnlyList<HostFile>> FilesAsync(string job, string folder, CancellationToken cancellationToken);

    /// <summary>A piece of a file that may still grow; empty where it ends before the offset.</summary>
    Task<byte[]> ReadAsync(string job, string file, long offset, int count, CancellationToken cancellationToken);

    /// <summary>Brings a whole file, checked by SHA-256, even if it is replaced meanwhile.</summary>
    /// <param name="known">Asked with the content's SHA-256 before it is brought; a path with the same content saves the way.</param>
    /// <returns>The SHA-256, lower-case hexadecimal.</returns>
    /// <exception cref="FileNotFoundException">There is no such file; it may have got another name since it was listed.</exception>
    Task<string> FetchAsync(string job, string file, string target, Func<string, string?>? known, CancellationToken cancellationToken);

    /// <summary>Appends to a file of the job if it has <paramref name="offset"/> bytes; returns its size after.</summary>
    Task<long> AppendAsync(string job, string file, long offset, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Asks the job to write its checkpoint and end, and has it killed after the grace. Does not wait.</summary>
    Task StopAsync(string job, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>Removes the folder of a job that is over; uploaded packs stay for the next one.</summary>
    Task RemoveAsync(string job, CancellationToken cancellationToken);
}

/// <summary>A file on a host. Another inode means that it was replaced.</summary>
internal readonly record struct HostFile(string Name, long Bytes, long Inode, long ModifiedSeconds);

/// <summary>How far an upload is.</summary>
/// <param name="Bytes">Sent so far, earlier tries included.</param>
/// <param name="TotalBytes">Size of the files, uncompressed.</param>
/// <param name="PackedBytes">Of the files, packed so far.</param>
internal readonly record struct UploadProgress(long Bytes, long PackedBytes, long TotalBytes);
