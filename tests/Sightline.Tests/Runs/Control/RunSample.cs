using Sightline.Data;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Tests.Runs.Control;

/// <summary>A run folder with settings and no training.</summary>
internal sealed class RunSample : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-test-").FullName;

    public RunSample()
    {
        var settings = new RunSettings
        {
            CreatedAt = DateTimeOffset.UnixEpoch,
            Model = "resnet18_small",
            Classes = ["a", "b"],
            Preprocessing = new Preprocessing { CropSize = 8, ResizeSize = 8, Mean = [0.5f, 0.5f, 0.5f], Std = [0.5f, 0.5f, 0.5f] },
            DataLocation = _folder,
            DataVersion = "0",
            Options = new TrainOptions { Epochs = 10 },
        };
        File.WriteAllText(Path.Combine(_folder, "run.json"), System.Text.Json.JsonSerializer.Serialize(settings, SightlineJson.Indented));
        Run = RunFolder.Open(_folder);
    }

    public RunFolder Run { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
