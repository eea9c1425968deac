using System.Net.Http;
using System.Runtime.InteropServices;
using Sightline.Compute;
using Sightline.Compute.Jobs;
using Sightline.Native;

namespace Sightline.Cli.CommandLine;

/// <summary>From an exception to an exit code and a message without a stack.</summary>
internal static class ErrorReport
{
    private const int DiskFullUnix = 28;
    private const int QuotaFullUnix = 122;
    private const int DiskFullWindows = unchecked((int)0x80070070);

    public static ExitCode Write(Exception error, TextWriter target)
    {
        var (code, message) = Explain(Relevant(error));
        target.WriteLine(message);
        return code;
    }

    private static (ExitCode Code, string Message) Explain(Exception error) => error switch
    {
        SightlineException expected => (expected.ExitCode, expected.Message),
        ComputeException expected => (CodeOf(expected.Trouble), expected.Message),
        HostLostException => (ExitCode.Provider, error.Message),
        OperationCanceledException => (ExitCode.Interrupted, "Interrupted."),
        _ when IsOutOfMemory(error) => (ExitCode.OutOfMemory,
            "The memory is used up. Use a smaller --batch or --size, a smaller model, or close other programs."),
        IOException { HResult: DiskFullUnix or QuotaFullUnix or DiskFullWindows } => (ExitCode.Unexpected,
            $"The disk is full ({error.Message.TrimEnd('.')}). Free some space or choose another folder with --runs; a run can go on with 'sightline train resume RUN'."),
        HttpRequestException => (ExitCode.Provider, $"The network failed: {error.Message}"),
        UnauthorizedAccessException => (ExitCode.Unexpected, $"{error.Message} Check the permissions, or choose another folder."),
        _ => (ExitCode.Unexpected, $"Unexpected error: {error.Message}{Environment.NewLine}{WriteDetails(error)}"),
    };

    private static ExitCode CodeOf(ComputeTrouble trouble) => trouble switch
    {
        ComputeTrouble.Usage => ExitCode.Usage,
        ComputeTrouble.NotFound => ExitCode.NotFound,
        ComputeTrouble.BadData => ExitCode.BadData,
        ComputeTrouble.LimitReached => ExitCode.LimitReached,
        _ => ExitCode.Provider,
    };

    private static Exception Relevant(Exception error) => error switch
    {
        AggregateException { InnerExceptions.Count: 1 } or TypeInitializationException or System.Reflection.TargetInvocationException
            when error.InnerException is { } inner => Relevant(inner),
        _ => error,
    };

    // LibTorch reports both kinds as a plain error with these words (c10/core/CPUAllocator.cpp, c10/cuda/CUDACachingAllocator.cpp).
    private static bool IsOutOfMemory(Exception error) => error is OutOfMemoryException
        || (error is ExternalException && (error.Message.Contains("not enough memory", StringComparison.Ordinal)
            || error.Message.Contains("can't allocate memory", StringComparison.Ordinal)
            || error.Message.Contains("out of memory", StringComparison.Ordinal)));

    private static string WriteDetails(Exception error)
    {
        var text = $"sightline {typeof(ErrorReport).Assembly.GetName().Version}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}" +
            $"{Environment.NewLine}{Environment.CommandLine}{Environment.NewLine}{Environment.NewLine}{error}{Environment.NewLine}";
        foreach (var folder in new[] { Path.Combine(NativeRuntime.CacheFolder, "errors"), Path.GetTempPath() })
        {
            try
            {
                Directory.CreateDirectory(folder);
                var file = Path.Combine(folder, $"sightline-error-{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Environment.ProcessId}.txt");
                File.WriteAllText(file, text);
                return $"The details are in {file}.";
            }
            catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
            {
                // The next folder, or the terminal below.
            }
        }

        return error.ToString();
    }
}
