namespace Sightline.Data.Store;

/// <summary>By what pictures are divided.</summary>
public enum SplitMethod
{
    /// <summary>By chance, each class in the shares asked for.</summary>
    Random,

    /// <summary>By chance, pictures of one group together; classes as near to the shares as groups allow.</summary>
    Group,

    /// <summary>As <see cref="Group"/>, the folder of a picture being its group.</summary>
    Folder,

    /// <summary>By time: the oldest are trained on, the newest tested.</summary>
    Time,

    /// <summary>As lists of names say.</summary>
    Lists,
}
