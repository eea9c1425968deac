using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Sightline.Data;
using Sightline.Training;

namespace Sightline.Runs;

/// <summary>The content of <c>run.json</c>: all that is needed to repeat, resume, evaluate and use a run.</summary>
public sealed record RunSettings
{
    /// <summary>Version of this file's form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The Sightline version that made the run.</summary>
    public string SightlineVersion { get; init; } = RunEnvironment.SightlineVersion;

    /// <summary>When the run began, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Catalogue name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Class names by label.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Makes sure that a class is one of the run's.</summary>
    /// <exception cref="SettingsException">It is none; the message names those that there are.</exception>
    internal void RequireClass(string name)
    {
        if (!Classes.Contains(name))
        {
            throw new SettingsException($"There is no class '{name}'.{NearestNames.Suggest(name, Classes)} The run knows {string.Join(", ", Classes)}.");
        }
    }

    /// <summary>From picture to input; the same in training, evaluation and prediction.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>Where the data lay, as an absolute path.</summary>
    public required string DataLocation { get; init; }

    /// <summary>SHA-256 of the data, lower-case hexadecimal.</summary>
    public required string DataVersion { get; init; }

    /// <summary>SHA-256 of the weights that the run began with, lower-case hexadecimal; null where it began from scratch.</summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>
    /// Whether the splits are those of <c>split.json</c>, as for a fold, and not the ones that the data and the settings give.
    /// </summary>
    public bool HasOwnSplit { get; init; }

    /// <summary>What was chosen by measurement on this machine, and why, in sentences; empty where nothing was.</summary>
    public IReadOnlyList<string> Decisions { get; init; } = [];

    /// <summary>The settings as they were after all defaults that depend on the data were chosen.</summary>
    public required TrainOptions Options { get; init; }

    /// <summary>What was changed while the run ran, oldest first. <see cref="Options"/> stay as they were at the start.</summary>
    public IReadOnlyList<RunAdjustment> Adjustments { get; init; } = [];

    /// <summary>The settings with all adjustments.</summary>
    internal TrainOptions Adjusted => Adjustments.Aggregate(Options, (options, adjustment) => adjustment.Settings.Changed(options));

    /// <summary>The machine and the libraries.</summary>
    public RunEnvironment Environment { get; init; } = new();
}

/// <summary>The machine and the libraries of a run.</summary>
public sealed record RunEnvironment
{
    /// <summary>This library's version.</summary>
    internal static string SightlineVersion { get; } = typeof(RunEnvironment).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    /// <summary>Operating system.</summary>
    public string OperatingSystem { get; init; } = RuntimeInformation.OSDescription;

    /// <summary>Processor name and number of processors.</summary>
    public string Processor { get; init; } = $"{ProcessorName()}, {System.Environment.ProcessorCount} processors";

    /// <summary>The widest vector instructions that LibTorch's kernels can use here; other ones round otherwise.</summary>
    public string Capability { get; init; } = VectorInstructions();

    /// <summary>.NET runtime.</summary>
    public string Runtime { get; init; } = RuntimeInformation.FrameworkDescription;

    /// <summary>TorchSharp and LibTorch.</summary>
    public string LibTorch { get; init; } = "TorchSharp 0.107.0, LibTorch 2.10.0";

    // LibTorch asks for the same (aten/src/ATen/native/DispatchStub.cpp) and takes a lower one where ATEN_CPU_CAPABILITY says so.
    private static string VectorInstructions() =>
        System.Environment.GetEnvironmentVariable("ATEN_CPU_CAPABILITY") is { Length: > 0 } chosen ? chosen
        : Avx512Vbmi.IsSupported ? "avx512 with vbmi"
        : Avx512BW.IsSupported ? "avx512"
        : Avx2.IsSupported ? "avx2"
        : RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    private static string ProcessorName()
    {
        const string file = "/proc/cpuinfo";
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':') + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
