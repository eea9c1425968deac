using static TorchSharp.torch;

namespace Sightline.Runs.TensorBoard;

/// <summary>Histograms of a model's weights and gradients over a run, for TensorBoard.</summary>
/// <remarks>
/// In a folder of their own, since TensorBoard follows one growing file per folder. They are no part of <c>metrics.jsonl</c>, whose events people and
/// programs read; so what a resumed run keeps of them is read from the old file.
/// </remarks>
internal sealed class HistogramLog : IDisposable
{
    private const string Pattern = "events.out.tfevents.*.sightline";

    private readonly EventFile _file;

    /// <summary>Begins the log anew in a folder, with the histograms up to a step.</summary>
    /// <param name="folder">Made where it is not there.</param>
    /// <param name="lastStep">Later ones of an earlier share of the run are dropped.</param>
    /// <param name="now">For the file's name.</param>
    public HistogramLog(string folder, long lastStep, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder);
        var kept = new List<byte[]>();
        foreach (var old in Directory.EnumerateFiles(folder, Pattern).Order(StringComparer.Ordinal).ToList())
        {
            kept.AddRange(EventFile.ReadUpTo(old, lastStep));
            File.Delete(old);
        }

        _file = new EventFile(Path.Combine(folder, $"events.out.tfevents.{now.ToUnixTimeSeconds()}.sightline"), now);
        kept.ForEach(_file.WriteRecord);
    }

    /// <summary>Adds the histograms of all parameters and of the gradients of those that learn.</summary>
    /// <param name="at">When.</param>
    /// <param name="step">Steps taken.</param>
    /// <param name="model">Its gradients are those of the last step, after clipping.</param>
    public void Write(DateTimeOffset at, long step, nn.Module model)
    {
        var histograms = new List<(string Tag, Histogram Values)>();
        foreach (var (name, parameter) in model.named_parameters())
        {
            Add($"weight/{name}", parameter);
            Add($"gradient/{name}", parameter.grad);
        }

        _file.Write(at, step, histograms);

        void Add(string tag, Tensor? tensor)
        {
            if (tensor is not null && Histogram.Of(tensor) is { } values)
            {
                histograms.Add((tag, values));
            }
        }
    }

    public void Dispose() => _file.Dispose();
}
