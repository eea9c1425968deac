namespace Sightline.Studio.Shared;

/// <summary>Work of a model.</summary>
internal static class OwnThread
{
    /// <summary>Runs work on a thread of its own: LibTorch's scopes belong to a thread, and the pool's are for requests.</summary>
    public static Task<T> Run<T>(Func<T> work, CancellationToken cancel) => Task.Factory.StartNew(work, cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
