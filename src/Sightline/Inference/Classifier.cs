using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Models;
using Sightline.Native;
using Sightline.Runs;
using Sightline.Training;
using Sightline.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Inference;

/// <summary>The class of a picture.</summary>
/// <param name="Path">The picture.</param>
/// <param name="Label">The most probable class.</param>
/// <param name="Probability">Its probability, 0..1.</param>
/// <param name="Probabilities">The probability of every class, by name.</param>
public sealed record Prediction(string Path, string Label, double Probability, IReadOnlyDictionary<string, double> Probabilities);

/// <summary>A trained model with its classes and its preprocessing. Use from one thread at a time.</summary>
public sealed class Classifier : IDisposable
{
    private const int BatchSize = 32;

    private readonly RunSettings _settings;
    private readonly nn.Module<Tensor, Tensor> _model;
    private readonly ModelInput _input;
    private readonly double _temperature;
    private readonly TestTimeAugmentation _views;

    private Classifier(RunSettings settings, nn.Module<Tensor, Tensor> model, ModelInput input, double temperature, TestTimeAugmentation views)
    {
        _temperature = temperature;
        _views = views;
        _settings = settings;
        _model = model;
        _input = input;
    }

    /// <summary>Class names by label.</summary>
    public IReadOnlyList<string> Classes => _settings.Classes;

    /// <summary>Loads the best weights of a run.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="calibrated">
    /// Whether probabilities are those after the run's temperature scaling, which are closer to how often the model is right; classes are the same.
    /// </param>
    /// <param name="views">Over which views of each picture single predictions average the probabilities.</param>
    /// <exception cref="SettingsException">Calibration and several views were asked for: the temperature was fitted for one view.</exception>
    /// <exception cref="NotFoundException">There is no such run, it has no weights yet, or calibration was asked for and it has none.</exception>
    /// <exception cref="WeightsException">The weights cannot be read.</exception>
    /// <exception cref="DataException">The calibration cannot be read.</exception>
    public static Classifier Load(string run, bool calibrated = false, TestTimeAugmentation views = TestTimeAugmentation.None)
    {
        if (calibrated && views != TestTimeAugmentation.None)
        {
            throw new SettingsException("Calibrated probabilities and several views exclude each other: the temperature was fitted for one view. Leave one of them out.");
        }

        var folder = RunFolder.Open(run);
        if (!File.Exists(folder.BestWeights))
        {
            throw new NotFoundException($"The run '{run}' has no weights yet: no epoch is finished. Go on with 'sightline train resume {run}'.");
        }

        var temperature = calibrated ? Calibration.Required(folder).Temperature : 1;
        NativeRuntime.EnsureLoaded();
        var device = Devices.Choose(folder.Settings.Options.Device == "cpu" ? "cpu" : "auto");
        var model = ModelCatalog.Find(folder.Settings.Model).Create(folder.Settings.Classes.Count);
        WeightsLoader.Load(model, folder.BestWeights);
        model.to(device);
        ModelInput.MatchLayout(model);
        return new Classifier(folder.Settings, model, new ModelInput(folder.Settings.Preprocessing, device), temperature, views);
    }

    /// <summary>Classifies one picture.</summary>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="DataException">The file is no picture that can be decoded.</exception>
    public Prediction Predict(string path) => PredictAll([path]).Single();

    /// <summary>Classifies pictures, in their order, decoding ahead of the model.</summary>
    /// <param name="paths">The pictures.</param>
    /// <param name="refused">Told why a picture cannot be decoded, which is then left out; null: that ends the enumeration.</param>
    /// <exception cref="NotFoundException">While enumerating: a file is not there.</exception>
    /// <exception cref="DataException">While enumerating, without <paramref name="refused"/>: a file cannot be decoded; the message names it.</exception>
    public IEnumerable<Prediction> PredictAll(IEnumerable<string> paths, Action<string>? refused = null)
    {
        foreach (var chunk in paths.Chunk(BatchSize))
        {
            var missing = chunk.FirstOrDefault(path => !File.Exists(path));
            if (missing is not null)
            {
                throw new NotFoundException($"The picture '{missing}' is not there.");
            }

            foreach (var prediction in refused is null ? PredictChunk(chunk) : PredictReadable(chunk, refused))
            {
                yield return prediction;
            }
        }
    }

    /// <summary>Frees the model.</summary>
    public void Dispose()
    {
        _input.Dispose();
        _model.Dispose();
    }

    /// <summary>From picture to input.</summary>
    internal Preprocessing Preprocessing => _settings.Preprocessing;

    /// <summary>Explains this model's answers; to be used while it lives.</summary>
    internal HeatPictures Heat() => new(_model, _input, Preprocessing);

    /// <summary>Logits of labelled pictures.</summary>
    internal Predictions Predict(IImageSource images, IReadOnlyList<Example> examples, CancellationToken cancel = default) =>
        Predict(images, examples, Preprocessing, cancel);

    /// <summary>Logits of labelled pictures that are prepared in another way than the run's.</summary>
    internal Predictions Predict(IImageSource images, IReadOnlyList<Example> examples, Preprocessing preprocessing, CancellationToken cancel)
    {
        using var loader = new BatchLoader(images, examples, preprocessing, null, new LoaderOptions { BatchSize = BatchSize, CacheBytes = 0 });
        return ModelRunner.Predict(_model, _input, Classes, images, examples, loader, cancel);
    }

    /// <summary>Logarithms of the mean probabilities over several views.</summary>
    internal Predictions Predict(IImageSource images, IReadOnlyList<Example> examples, TestTimeAugmentation views, CancellationToken cancel = default)
    {
        if (views == TestTimeAugmentation.None)
        {
            return Predict(images, examples, cancel);
        }

        var all = ImageView.Of(views).Select(view =>
        {
            var seen = new ViewImages(images, Preprocessing, view);
            return Predict(seen, examples, seen.Preprocessing, cancel);
        });
        return MeanPredictions.Of(all);
    }

    /// <summary>Logits of labelled pictures, and what the last linear layer made them of, in the order of the examples.</summary>
    internal (EmbeddingMatrix Embeddings, Predictions Predictions) Embed(
        IImageSource images, IReadOnlyList<Example> examples, IProgress<double>? progress, CancellationToken cancel) =>
        Embed(images, examples, Preprocessing, progress, cancel);

    /// <summary>The same of pictures that are prepared in another way than the run's.</summary>
    internal (EmbeddingMatrix Embeddings, Predictions Predictions) Embed(
        IImageSource images, IReadOnlyList<Example> examples, Preprocessing preprocessing, IProgress<double>? progress, CancellationToken cancel)
    {
        using var hook = new EmbeddingHook(_model, examples.Count, progress);
        var predictions = Predict(images, examples, preprocessing, cancel);
        return (hook.Result(row => predictions.Names[row]), predictions);
    }

    // A batch with a broken picture is rare; its pictures are then taken one by one.
    private IReadOnlyList<Prediction> PredictReadable(string[] paths, Action<string> refused)
    {
        try
        {
            return PredictChunk(paths);
        }
        catch (DataException) when (paths.Length > 1)
        {
            return paths.SelectMany(path => PredictReadable([path], refused)).ToList();
        }
        catch (DataException error)
        {
            refused(error.Message);
            return [];
        }
    }

    private IReadOnlyList<Prediction> PredictChunk(string[] paths)
    {
        var predictions = Predict(new FileImages("", paths), paths.Select((_, i) => new Example(i, 0)).ToList(), _views);
        return paths.Select((path, i) => Describe(path, predictions.Row(i))).ToList();
    }

    private Prediction Describe(string path, ReadOnlySpan<float> logits)
    {
        var probabilities = Softmax.Of(logits, _temperature);
        var best = Softmax.Largest(logits);
        var byName = Classes.Zip(probabilities).ToDictionary(pair => pair.First, pair => pair.Second);
        return new Prediction(path, Classes[best], probabilities[best], byName);
    }
}
