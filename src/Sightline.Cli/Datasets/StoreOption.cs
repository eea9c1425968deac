using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Data.Store;

namespace Sightline.Cli.Datasets;

/// <summary>The store that a command works on, and the data set in it.</summary>
internal static class StoreOption
{
    /// <summary>Where stored data sets lie.</summary>
    public static Option<string> Create() => new("--store")
    {
        Description = $"Folder of the stored data sets; the variable {DatasetStore.FolderVariable} sets another default.",
        HelpName = "FOLDER",
        DefaultValueFactory = _ => DatasetStore.DefaultFolder,
    };

    /// <summary>The NAME argument.</summary>
    public static Argument<string> Name(string what = "A stored data set: NAME for its newest version, or NAME@NUMBER.") => new("NAME") { Description = what };

    /// <summary>The store that was chosen.</summary>
    public static DatasetStore Store(this Invocation invocation, Option<string> option) =>
        new(invocation.Arguments.GetRequiredValue(option), TimeProvider.System);

    /// <summary>The version that was named, with near names where there is none.</summary>
    public static DatasetVersion Version(this DatasetStore store, string reference)
    {
        if (store.TryFind(reference) is { } found)
        {
            return found;
        }

        var name = reference.Split('@')[0];
        var near = NearestNames.Suggest(name, store.Names());
        return near.Length > 0 && !store.Names().Contains(name)
            ? throw new NotFoundException($"There is no data set '{name}' in '{store.Folder}'.{near} 'sightline data list' shows all.")
            : store.Find(reference);
    }
}
