using System.Diagnostics;
using System.Text;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>A person at a terminal: waits for what the program shows, then types.</summary>
internal sealed class TypedTerminal(Process process)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Types the keys once the text has appeared after what was seen before.</summary>
    public void Type(string after, string keys)
    {
        var seen = new StringBuilder();
        var clock = Stopwatch.StartNew();
        var buffer = new char[1];
        while (!seen.ToString().EndsWith(after, StringComparison.Ordinal))
        {
            var read = process.StandardOutput.ReadAsync(buffer, 0, 1);
            Assert.True(read.Wait(Patience - clock.Elapsed) && read.Result == 1, $"The terminal never showed '{after}', but: {seen}");
            seen.Append(buffer[0]);
        }

        process.StandardInput.Write(keys);
        process.StandardInput.Flush();
    }
}
