using Sightline.Curation.Pictures;
using Sightline.Data;

namespace Sightline.Curation.Duplicates;

/// <summary>
/// Finds duplicates. Pictures with equal pixels become one; among the rest, those whose perceptual hashes differ by at most 4 bits, or
/// by at most 10 and in colour by little, are near duplicates; the hash of one may be that of its mirrored or turned copy.
/// </summary>
/// <remarks>
/// Where more than a tenth of the pictures have another within 4 bits, hashes do not tell these pictures apart (Fashion-MNIST: 30 %), and every pair must be
/// near in colour.
/// </remarks>
internal sealed class DuplicateSearch : IDisposable
{
    // Of CIFAR-10's test pictures, 1 in 100 has a training picture within 4 bits, and those looked at were real.
    private const double LargestShare = 0.1;

    // Below this a tenth is a few pictures.
    private const int LeastPictures = 500;

    private readonly Lock _gate = new();
    private readonly PictureLabels _labels;
    private readonly ThreadLocal<SecondCheck> _second;
    private readonly int[] _vertices;
    private readonly ulong[][] _hashes;
    private readonly EdgeForest _forest;
    private readonly int[] _splitsOf;
    private readonly double _shareNear;
    private readonly int[] _originals;
    private readonly Dictionary<int, IReadOnlyList<int>> _copies;
    private readonly DuplicateEdge?[][] _nearestInSplit;
    private readonly DuplicateEdge?[] _nearestOfOtherClass;

    private DuplicateSearch(ImageDataset data, PictureLabels labels, IReadOnlyList<PictureFacts?> facts)
    {
        _labels = labels;
        (_originals, _copies) = ExactDuplicates.Group(facts);
        _vertices = [.. Enumerable.Range(0, facts.Count).Where(i => _originals[i] == i && facts[i]!.PerceptualHashes.Count > 0)]; // An original was decoded.
        _hashes = [.. Enumerable.Range(0, PerceptualHash.Turns).Select(turn => _vertices.Select(i => facts[i]!.PerceptualHashes[turn]).ToArray())];
        _shareNear = ShareNear(_hashes[0]);
        var isStrict = IsStrict(_shareNear, _vertices.Length);
        _second = new ThreadLocal<SecondCheck>(() => new SecondCheck(data.Images, facts, isStrict));
        _forest = new EdgeForest(facts.Count);
        _splitsOf = new int[facts.Count];
        for (var i = 0; i < facts.Count; i++)
        {
            if (_originals[i] >= 0 && labels.Split[i] >= 0)
            {
                _splitsOf[_originals[i]] |= 1 << labels.Split[i];
            }
        }

        _nearestInSplit = [new DuplicateEdge?[facts.Count], new DuplicateEdge?[facts.Count]];
        _nearestOfOtherClass = new DuplicateEdge?[facts.Count];
    }

    /// <summary>Searches all pictures.</summary>
    public static DuplicateGraph Run(
        ImageDataset data, PictureLabels labels, IReadOnlyList<PictureFacts?> facts, bool withTurns, IProgress<CheckProgress>? progress,
        CancellationToken cancellationToken)
    {
        using var search = new DuplicateSearch(data, labels, facts);
        var turns = withTurns ? PerceptualHash.Turns : 1;
        for (var turn = 0; turn < turns; turn++)
        {
            search.Join((PictureTurn)turn, cancellationToken);
            progress?.Report(new CheckProgress("turns compared", turn + 1, turns));
        }

        return new DuplicateGraph
        {
            Originals = search._originals,
            Copies = search._copies,
            Forest = search._forest.Finish(),
            ShareNear = search._shareNear,
            IsStrict = IsStrict(search._shareNear, search._vertices.Length),
            NearestInSplit = search._nearestInSplit,
            NearestOfOtherClass = search._nearestOfOtherClass,
        };
    }

    /// <summary>Frees the buffers of the threads.</summary>
    public void Dispose() => _second.Dispose();

    private static bool IsStrict(double shareNear, int pictures) => shareNear > LargestShare && pictures >= LeastPictures;

    private static double ShareNear(ulong[] hashes)
    {
        var hasNear = new bool[hashes.Length];
        HashJoin.Self(hashes, SecondCheck.CertainDistance, pairs =>
        {
            foreach (var pair in pairs)
            {
                hasNear[pair.Left] = hasNear[pair.Right] = true;
            }
        }, CancellationToken.None);
        return hashes.Length == 0 ? 0 : (double)hasNear.Count(near => near) / hashes.Length;
    }

    private void Join(PictureTurn turn, CancellationToken cancellationToken)
    {
        if (turn == PictureTurn.None)
        {
            HashJoin.Self(_hashes[0], SecondCheck.MaximumDistance, pairs => Receive(pairs, turn), cancellationToken);
        }
        else
        {
            HashJoin.Cross(_hashes[(int)turn], _hashes[0], SecondCheck.MaximumDistance, pairs => Receive(pairs, turn), cancellationToken);
        }
    }

    private void Receive(ReadOnlySpan<HashPair> pairs, PictureTurn turn)
    {
        var second = _second.Value!; // The factory gives one.
        var edges = new List<DuplicateEdge>();
        foreach (var pair in pairs)
        {
            if (pair.Left != pair.Right && second.Judge(_vertices[pair.Left], _vertices[pair.Right], pair.Distance, turn) is { } edge)
            {
                edges.Add(edge);
            }
        }

        lock (_gate)
        {
            foreach (var edge in edges)
            {
                Add(edge);
            }
        }
    }

    private void Add(DuplicateEdge edge)
    {
        _forest.Add(edge);
        Consider(edge.First, edge.Second, edge);
        Consider(edge.Second, edge.First, edge);
    }

    private void Consider(int picture, int other, DuplicateEdge edge)
    {
        for (var split = 0; split < _nearestInSplit.Length; split++)
        {
            if ((_splitsOf[other] & (1 << split)) != 0)
            {
                Keep(ref _nearestInSplit[split][picture], edge);
            }
        }

        // A mirrored or turned picture may rightly be of another class: arrows, digits.
        if (edge.Turn == PictureTurn.None && _labels.Label[picture] != _labels.Label[other])
        {
            Keep(ref _nearestOfOtherClass[picture], edge);
        }
    }

    private static void Keep(ref DuplicateEdge? best, DuplicateEdge edge)
    {
        if (best is not { } seen || edge.CompareTo(seen) < 0)
        {
            best = edge;
        }
    }
}
