namespace Sightline.Compute.Jobs;

/// <summary>A job: files that lie on the host already, and a command line. Never a tensor.</summary>
internal sealed record JobSpec
{
    /// <summary>Its name on the host: letters, digits, '-', '_' and '.'.</summary>
    public required string Id { get; init; }

    /// <summary>The program and its arguments; runs in the job's folder. Never holds a secret.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>What goes on with the job after it was cut off; empty starts anew.</summary>
    public IReadOnlyList<string> Resume { get; init; } = [];

    /// <summary>A file below the job's folder that is there as soon as there is something to go on with.</summary>
    public string ResumeWhen { get; init; } = "";

    /// <summary>Lines of <c>sh</c> that run before the command, such as the activation of a module; empty for none.</summary>
    public string Setup { get; init; } = "";

    /// <summary>Variables that the program gets. No secrets: these are kept on the host.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Variables that must not stay: they go over the connection into a file for the owner alone, which is removed when the program starts.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    /// <summary>How a scheduler should run it; other hosts ignore it.</summary>
    public SlurmOptions Slurm { get; init; } = new();
}

/// <summary>What Slurm is asked for.</summary>
internal sealed record SlurmOptions
{
    /// <summary>Partition; null takes the cluster's default.</summary>
    public string? Partition { get; init; }

    /// <summary>Time limit of one turn, rounded up to whole minutes; null takes the partition's.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>How long before the limit the job is told to write its checkpoint. Default 2 minutes.</summary>
    public TimeSpan Warning { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>GPUs, as <c>--gpus</c> takes it ("1", "a100:2"); null for none.</summary>
    public string? Gpus { get; init; }

    /// <summary>Processors per task; null takes the cluster's default.</summary>
    public int? Cpus { get; init; }

    /// <summary>Tasks of an array, all with the same command and <c>SLURM_ARRAY_TASK_ID</c>; null for a single job.</summary>
    public int? ArrayTasks { get; init; }

    /// <summary>How often a job that reached the limit may go on. Default 20.</summary>
    public int MostRestarts { get; init; } = 20;

    /// <summary>Further <c>sbatch</c> options, one each, such as <c>--account=vision</c>.</summary>
    public IReadOnlyList<string> More { get; init; } = [];
}
