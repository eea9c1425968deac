namespace Sightline.Cli.Tuning;

/// <summary>Workers that <c>tune start</c> has started.</summary>
internal interface IWorkers : IDisposable
{
    /// <summary>Looks how many are there, waiting ones of a queue included, and replaces lost ones where it can. Called once a second.</summary>
    /// <param name="unfinished">How many trials run or wait.</param>
    /// <returns>How many there are.</returns>
    int Poll(int unfinished);

    /// <summary>Asks all to give their trials back and end.</summary>
    void Stop();

    /// <summary>The trouble that ended workers; null where none did.</summary>
    SightlineException? Trouble { get; }
}
