using System.Text;

namespace Sightline.Cli.CommandLine;

/// <summary>The two streams: results on standard output, everything else on standard error.</summary>
internal sealed class Terminal : IDisposable
{
    /// <summary>The process's own streams; results are buffered.</summary>
    public Terminal()
    {
        Out = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 14);
        Error = Console.Error;
    }

    /// <summary>The result.</summary>
    public TextWriter Out { get; }

    /// <summary>Progress, notices and troubles.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether a person watches standard error.</summary>
    public static bool IsWatched => !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";

    /// <summary>Whether colours are welcome (https://no-color.org).</summary>
    public static bool IsColourful => IsWatched && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Sends what is buffered.</summary>
    public void Dispose() => Out.Dispose();
}
