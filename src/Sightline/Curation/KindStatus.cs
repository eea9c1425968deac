namespace Sightline.Curation;

/// <summary>What came out for a kind of finding.</summary>
public enum KindStatus
{
    /// <summary>Looked for and not found.</summary>
    Ok,

    /// <summary>Found.</summary>
    Found,

    /// <summary>More than half of the pictures have it, so it is how these data look; its findings are left out.</summary>
    LeftOut,
}
