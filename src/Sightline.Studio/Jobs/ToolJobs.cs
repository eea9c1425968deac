using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sightline.Compute.Jobs;
using Sightline.Compute.Storage;
using Sightline.Runs;

namespace Sightline.Studio.Jobs;

/// <summary>
/// Commands of this tool that the studio starts: each in a session of its own with a shell that waits for it and notes its exit code, so that the
/// studio's end, however it comes, reaches none of them, and the next studio finds them all.
/// </summary>
internal sealed partial class ToolJobs(StudioOptions options, TimeProvider time)
{
    /// <summary>Most jobs at once.</summary>
    public const int MostRunning = 8;

    private const int Kept = 100;

    // A shell in the background of this one belongs to no one after this one has ended. Where there is no setsid (macOS) the hang-up is ignored instead.
    private const string Script = """
        if command -v setsid >/dev/null 2>&1; then apart=setsid; else apart=nohup; fi
        $apart sh -c 'folder=$1; shift; "$@" </dev/null >"$folder/out" 2>"$folder/err"; echo $? >"$folder/exit.part"; mv "$folder/exit.part" "$folder/exit"' sh "$@" </dev/null >/dev/null 2>&1 &
        echo $!
        """;

    private readonly Lock _gate = new();

    /// <summary>Whether commands can be started here.</summary>
    public bool CanStart => options.Tool is not null && !OperatingSystem.IsWindows();

    private string Root => Path.Combine(Path.GetFullPath(options.Project), ".sightline", "studio");

    /// <summary>A name for a job that no other has. A form carries it, so that sending it twice starts one job.</summary>
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>Where a job's files lie.</summary>
    public string Folder(string id) => IsId().IsMatch(id) ? Path.Combine(Root, id) : throw new NotFoundException($"There is no job '{id}'.");

    /// <summary>A job.</summary>
    /// <exception cref="NotFoundException">There is none of this name.</exception>
    public ToolJob Find(string id) => ToolJob.Read(Folder(id)) ?? throw new NotFoundException($"There is no job '{id}'. The last {Kept} are kept.");

    /// <summary>All jobs, the newest first.</summary>
    public IReadOnlyList<ToolJob> All() => !Directory.Exists(Root) ? []
        : [.. Directory.EnumerateDirectories(Root).Select(ToolJob.Read).OfType<ToolJob>().OrderByDescending(job => job.StartedAt)];

    /// <summary>Starts a command; where the id was used before, that job is meant and nothing begins.</summary>
    /// <param name="order">What to start.</param>
    /// <returns>The page of the job.</returns>
    /// <exception cref="SettingsException">Commands cannot be started here, or too many run.</exception>
    public string Start(Order order)
    {
        if (options.Tool is not { } tool || !CanStart)
        {
            throw new SettingsException("This studio starts no commands: it needs a POSIX shell. Run the command in a terminal.");
        }

        lock (_gate)
        {
            var (folder, address) = (Folder(order.Id), $"/jobs/{order.Id}");
            if (Directory.Exists(folder))
            {
                return address;
            }

            var all = All();
            if (all.Count(job => job.State == ToolJobState.Running) is >= MostRunning and var running)
            {
                throw new SettingsException($"{running} commands that the studio started run already, the most at once. Wait until one has ended.");
            }

            foreach (var old in all.Where(job => job.State != ToolJobState.Running).Skip(Kept - 1))
            {
                Directory.Delete(old.Folder, recursive: true);
            }

            PrivateFiles.MakeFolder(folder); // Logs may tell what is nobody else's business.
            foreach (var (name, text) in order.Files)
            {
                File.WriteAllText(Path.Combine(folder, name), text);
            }

            var shell = Launch(tool, folder, order.Arguments);
            var note = new ToolJobNote(order.Id, order.Title, order.Command, order.Next, order.NextFile, time.GetUtcNow(), ProcessIdentity.Of(shell));
            AtomicFile.WriteText(Path.Combine(folder, "job.json"), JsonSerializer.Serialize(note, SightlineJson.Line));
            return address;
        }
    }

    private int Launch(Tool tool, string folder, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("sh", ["-c", Script, "sh", folder, tool.Program, .. tool.First, .. arguments]) { WorkingDirectory = options.Project, RedirectStandardOutput = true };
        start.Environment["SIGHTLINE_DATASETS"] = Path.GetFullPath(options.Store);
        start.Environment["SIGHTLINE_PRICES"] = options.Prices.Sheets;
        start.Environment["NO_COLOR"] = "1";
        start.Environment.Remove("SIGHTLINE_STUDIO_SECRET");
        if (options.Database is { } database)
        {
            start.Environment[Database.Variable] = database;
        }

        using var shell = Process.Start(start) ?? throw new InvalidOperationException("The shell could not be started.");
        var said = shell.StandardOutput.ReadLine();
        shell.WaitForExit();
        return int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw new InvalidOperationException($"The shell said '{said}' in place of a process id.");
    }

    [GeneratedRegex("^[0-9a-f]{16}$")]
    private static partial Regex IsId();

    /// <summary>What to start.</summary>
    /// <param name="Id">See <see cref="NewId"/>.</param>
    /// <param name="Title">What it does, for people.</param>
    /// <param name="Arguments">The command's.</param>
    /// <param name="Command">The same for people, as they would type it.</param>
    /// <param name="Next">The page to go on to.</param>
    internal sealed record Order(string Id, string Title, IReadOnlyList<string> Arguments, string Command, string Next)
    {
        /// <summary>See <see cref="ToolJobNote"/>.</summary>
        public string? NextFile { get; init; }

        /// <summary>Files that the command reads from the job's folder, by name.</summary>
        public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();
    }
}
