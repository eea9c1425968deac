using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Runs;

namespace Sightline.Cli.Runs;

/// <summary>Finds the run that a person means: a folder, a name below the runs folder, or <c>last</c>.</summary>
internal static class RunLocator
{
    private const string Last = "last";

    /// <summary>The RUN argument.</summary>
    public static Argument<string> Argument() => new("RUN") { Description = "A run: its folder, its name below --runs, or 'last'." };

    /// <exception cref="NotFoundException">There is no such run; near names are offered.</exception>
    public static RunFolder Find(string run, string runs)
    {
        if (IsRun(run))
        {
            return RunFolder.Open(run);
        }

        var below = Path.Combine(runs, run);
        if (IsRun(below))
        {
            return RunFolder.Open(below);
        }

        var all = All(runs);
        if (run == Last && all.Count > 0)
        {
            return all.MaxBy(found => found.Settings.CreatedAt)!; // There is at least one.
        }

        throw new NotFoundException(all.Count == 0
            ? $"There is no run '{run}', and '{runs}' holds no runs. Start one with 'sightline train DATA', or name the folder with --runs."
            : $"There is no run '{run}'.{NearestNames.Suggest(run, all.Select(found => Path.GetFileName(found.Path)))} 'sightline run list --runs {runs}' shows all {all.Count}.");
    }

    /// <summary>The runs directly below a folder, by name; folders that cannot be read are left out.</summary>
    public static IReadOnlyList<RunFolder> All(string runs)
    {
        var found = new List<RunFolder>();
        if (!Directory.Exists(runs))
        {
            return found;
        }

        foreach (var folder in Directory.EnumerateDirectories(runs).Where(IsRun).Order(StringComparer.Ordinal))
        {
            try
            {
                found.Add(RunFolder.Open(folder));
            }
            catch (DataException)
            {
                // A run.json that cannot be read: 'run show' of this folder says why.
            }
        }

        return found;
    }

    /// <summary>Whether a folder is one of a run.</summary>
    public static bool IsRun(string folder) => File.Exists(Path.Combine(folder, "run.json"));
}
