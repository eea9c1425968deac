namespace Sightline.Data.Store;

/// <summary>What a person decided about a picture.</summary>
public enum DecisionKind
{
    /// <summary>It has another class.</summary>
    Relabel,

    /// <summary>It is left out; its file stays.</summary>
    Exclude,

    /// <summary>It is right as it is; findings of the same kind about it are settled.</summary>
    Keep,

    /// <summary>It and another picture are no duplicates; findings about the pair are settled.</summary>
    NotADuplicate,
}
