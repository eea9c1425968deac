namespace Sightline.Data.Import;

/// <summary>A list of class names, one a line.</summary>
internal static class ClassList
{
    private const string UsualName = "classes.txt";
    private const int NamesShown = 20;

    public static IReadOnlyList<string>? Read(string? file, string folder)
    {
        var path = file ?? Path.Combine(folder, UsualName);
        if (!File.Exists(path))
        {
            return file is null ? null : throw new NotFoundException($"The list of classes '{file}' is not there. Check the path; it must be a text file with one class name a line.");
        }

        var names = File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line.Length > 0).ToArray();
        var twice = names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        return names.Length == 0 ? throw new DataException($"The list of classes '{path}' is empty. Write one class name a line.")
            : twice is not null ? throw new DataException($"The list of classes '{path}' names '{twice.Key}' twice. Name each class once.")
            : names;
    }

    /// <summary>The class that a label means: itself, or the name of that number in the list.</summary>
    /// <exception cref="DataException">The list does not have it.</exception>
    public static string Resolve(IReadOnlyList<string>? classes, string label, string where)
    {
        if (classes is null || classes.Contains(label))
        {
            return label;
        }

        return int.TryParse(label, out var number) && number >= 0 && number < classes.Count ? classes[number] : throw new DataException(
            $"{where}: the label '{label}' is not in the list of {classes.Count} classes ({string.Join(", ", classes.Take(NamesShown))}{(classes.Count > NamesShown ? ", ..." : "")}). " +
            "Correct the label, or add it to the list of classes.");
    }

    /// <summary>The class of a number: its name in the list, else the number itself.</summary>
    public static string Name(IReadOnlyList<string>? classes, int number, string where) =>
        classes is null ? number.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : number >= 0 && number < classes.Count ? classes[number]
        : throw new DataException($"{where}: the label {number} is not in the list of {classes.Count} classes (0 to {classes.Count - 1}). Correct the label, or complete the list.");
}
