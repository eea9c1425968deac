namespace Sightline.Curation.Checks;

/// <summary>The folder below the class that a picture comes from: a camera, a person, a session.</summary>
internal static class SourceFolder
{
    /// <summary><c>train/cat/camera-1/7.jpg</c> of class <c>cat</c> comes from <c>camera-1</c>; empty where the class has no folders.</summary>
    public static string Of(string name, string className)
    {
        var folders = name.Split('/')[..^1];
        var at = Array.IndexOf(folders, className);
        return at < 0 ? "" : string.Join('/', folders[(at + 1)..]);
    }
}
