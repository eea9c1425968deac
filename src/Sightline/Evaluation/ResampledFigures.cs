namespace Sightline.Evaluation;

/// <summary>The figures of <see cref="BootstrapIntervals"/>, from counts and summed losses alone.</summary>
internal sealed class ResampledFigures : IResampled
{
    public const int Accuracy = 0;
    public const int BalancedAccuracy = 1;
    public const int MacroPrecision = 2;
    public const int MacroRecall = 3;
    public const int MacroF1 = 4;
    public const int WeightedF1 = 5;
    public const int Loss = 6;

    private readonly int[] _labels;
    private readonly int[] _predicted;
    private readonly double[] _losses;
    private readonly int[] _truths;
    private readonly int[] _predictions;
    private readonly int[] _hits;
    private int _pictures;
    private double _loss;

    public ResampledFigures(int[] labels, Score[] scores, int classes)
    {
        _labels = labels;
        _predicted = Array.ConvertAll(scores, score => score.Predicted);
        _losses = Array.ConvertAll(scores, score => score.Loss);
        (_truths, _predictions, _hits) = (new int[classes], new int[classes], new int[classes]);
    }

    public int Count => 7;

    public void Clear()
    {
        Array.Clear(_truths);
        Array.Clear(_predictions);
        Array.Clear(_hits);
        (_pictures, _loss) = (0, 0);
    }

    public void Add(int picture, int times)
    {
        var (truth, predicted) = (_labels[picture], _predicted[picture]);
        _truths[truth] += times;
        _predictions[predicted] += times;
        _hits[truth] += truth == predicted ? times : 0;
        _pictures += times;
        _loss += times * _losses[picture];
    }

    public void Write(Span<double> target)
    {
        target.Clear();
        var present = 0;
        for (var k = 0; k < _hits.Length; k++)
        {
            target[Accuracy] += _hits[k];
            present += _truths[k] > 0 ? 1 : 0;
            if (_hits[k] > 0)
            {
                var recall = (double)_hits[k] / _truths[k];
                var f1 = 2.0 * _hits[k] / (_truths[k] + _predictions[k]);
                target[BalancedAccuracy] += recall;
                target[MacroPrecision] += (double)_hits[k] / _predictions[k];
                target[MacroRecall] += recall;
                target[MacroF1] += f1;
                target[WeightedF1] += f1 * _truths[k];
            }
        }

        target[Accuracy] /= _pictures;
        target[BalancedAccuracy] /= present;
        target[MacroPrecision] /= _hits.Length;
        target[MacroRecall] /= _hits.Length;
        target[MacroF1] /= _hits.Length;
        target[WeightedF1] /= _pictures;
        target[Loss] = _loss / _pictures;
    }
}
