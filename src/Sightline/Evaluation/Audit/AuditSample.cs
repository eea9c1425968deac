using Sightline.Data;
using Sightline.Inference;

namespace Sightline.Evaluation.Audit;

/// <summary>Pictures of one split, prepared for the model and kept.</summary>
internal sealed class AuditSample
{
    private readonly List<byte[]> _squares = [];
    private readonly List<string> _names = [];
    private readonly List<Example> _examples = [];
    private readonly Classifier _classifier;
    private readonly int _size;
    private readonly long _seed;

    /// <summary>Chooses and prepares pictures, as many of each class as there are, by turns.</summary>
    public AuditSample(Classifier classifier, IImageSource images, IReadOnlyList<Example> examples, int count, long seed)
    {
        _classifier = classifier;
        _size = classifier.Preprocessing.CropSize;
        _seed = seed;
        var transform = new SampleTransform(classifier.Preprocessing, null);
        var shortSide = SampleTransform.ShortSide(classifier.Preprocessing, null);
        foreach (var example in Choose(examples, count, seed))
        {
            var picture = images.Decode(example.Index, shortSide);
            var square = new byte[_size * _size * 3];
            transform.Prepare(picture.Pixels, picture.Width, picture.Height, square);
            _examples.Add(new Example(_squares.Count, example.Label));
            _squares.Add(square);
            _names.Add(images.Name(example.Index));
        }
    }

    public int Count => _squares.Count;

    /// <summary>What the model says of the pictures under a change; the same seed for every change, so that strengths compare.</summary>
    public AuditAnswers Predict(Func<PictureChange> change, CancellationToken cancel)
    {
        var images = new ChangedImages(_squares, _names, _size, _seed, change);
        var preprocessing = _classifier.Preprocessing with { ResizeSize = _size };
        var (embeddings, predictions) = _classifier.Embed(images, _examples, preprocessing, null, cancel);
        return new AuditAnswers(predictions, embeddings);
    }

    private static IEnumerable<Example> Choose(IReadOnlyList<Example> examples, int count, long seed)
    {
        var order = examples.ToArray();
        new RandomStream(Seeds.Mix(seed, -3)).Shuffle<Example>(order);
        return order
            .GroupBy(example => example.Label)
            .OrderBy(group => group.Key)
            .SelectMany(group => group.Select((example, place) => (example, place)))
            .OrderBy(pair => pair.place)
            .Take(count)
            .Select(pair => pair.example);
    }
}
