namespace Sightline.Studio.Runs;

/// <summary>The curves of the runs looked at last.</summary>
internal sealed class CurveStore
{
    private const int Kept = 6;

    private readonly LinkedList<(string Path, RunCurves Curves)> _kept = [];
    private readonly Lock _gate = new();

    public RunCurves Of(RunRow run)
    {
        lock (_gate)
        {
            var path = run.Folder.Path;
            for (var node = _kept.First; node is not null; node = node.Next)
            {
                if (node.Value.Path == path)
                {
                    _kept.Remove(node);
                    _kept.AddFirst(node);
                    return node.Value.Curves;
                }
            }

            _kept.AddFirst((path, new RunCurves(path)));
            if (_kept.Count > Kept)
            {
                _kept.RemoveLast();
            }

            return _kept.First!.Value.Curves; // Just added.
        }
    }
}
