namespace Sightline.App.Tests;

/// <summary>One finished run, shared by the tests that only look at it.</summary>
public sealed class TrainedRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TrainedRun()
    {
        TinyData.WriteClassFolders(At("photos"));
        Result = Training.Run(Folder, "photos", "--epochs", "2", "--name", "first", "--json").With(ExitCode.Done);
    }

    public string Folder => _folder.Path;

    internal Ended Result { get; }

    public string At(params string[] parts) => _folder.At(parts);

    public void Dispose() => _folder.Dispose();
}
