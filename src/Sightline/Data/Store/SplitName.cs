namespace Sightline.Data.Store;

/// <summary>The names of the splits, and the spellings that sources use for them.</summary>
internal static class SplitName
{
    public const string Train = "train";
    public const string Validation = "validation";
    public const string Test = "test";

    private static readonly string[][] Spellings = [[Train, "training"], [Validation, "val", "valid", "dev"], [Test, "testing"]];

    /// <summary>In the order of <see cref="ScannedFile.Split"/>.</summary>
    public static IReadOnlyList<string> All { get; } = [Train, Validation, Test];

    /// <summary>0 training, 1 validation, 2 test.</summary>
    public static int IndexOf(string name) => name switch
    {
        Train => 0,
        Validation => 1,
        Test => 2,
        _ => throw new DataException($"The split '{name}' is unknown; the splits are train, validation and test."),
    };

    /// <summary>The split that a source's word means; null when it is none.</summary>
    public static string? Parse(string word)
    {
        for (var split = 0; split < Spellings.Length; split++)
        {
            if (Spellings[split].Contains(word, StringComparer.OrdinalIgnoreCase))
            {
                return All[split];
            }
        }

        return null;
    }
}
