using System.CommandLine;
using Sightline.Compute.Storage;
using Sightline.Tuning;

namespace Sightline.Cli.Tuning;

/// <summary><c>--store</c>: the database of the studies.</summary>
internal sealed class StoreArgument
{
    private readonly Option<string?> _store = new("--store")
    {
        Description = "The database of the studies: a SQLite file, or postgresql://USER:PASSWORD@HOST/DATABASE for many machines. Default: SIGHTLINE_DATABASE, else .sightline/sightline.db.",
        HelpName = "PLACE",
    };

    public void AddTo(Command command) => command.Add(_store);

    /// <summary>The database to use.</summary>
    public string Place(ParseResult arguments) => arguments.GetValue(_store) is { Length: > 0 } given ? given : Database.Default;

    /// <summary>The database to read; it must be there.</summary>
    public string Existing(ParseResult arguments)
    {
        var place = Place(arguments);
        return IsServer(place) || File.Exists(place) ? place
            : throw new NotFoundException($"There is no store '{place}'. Begin a study with 'sightline tune start', or name its store with --store.");
    }

    /// <summary>Whether a place is a PostgreSQL server, which other machines reach.</summary>
    public static bool IsServer(string place) => place.Contains("://", StringComparison.Ordinal) || place.Contains("Host=", StringComparison.OrdinalIgnoreCase);

    /// <summary>The study that was named, or the only one.</summary>
    public static string Name(string place, string? name)
    {
        if (name is not null)
        {
            return name;
        }

        var names = DatabaseStudyStore.Names(place);
        return names.Count == 1 ? names[0] : throw new SettingsException(
            names.Count == 0 ? "The store has no studies. Begin one with 'sightline tune start'." : $"The store has {names.Count} studies: {string.Join(", ", names)}. Name one.");
    }
}
