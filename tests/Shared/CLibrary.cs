using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace Sightline.Tests.Shared;

/// <summary>Compiles a file of C to a library, so that calls into a driver's library are really made.</summary>
internal static class CLibrary
{
    /// <summary>Compiles.</summary>
    /// <returns>Why it could not be; null where it was.</returns>
    public static string? Compile(string source, string library)
    {
        try
        {
            using var gcc = Process.Start(new ProcessStartInfo("gcc", ["-shared", "-fPIC", "-O1", "-o", library, source]) { RedirectStandardError = true })!; // The shell does not run it.
            var error = gcc.StandardError.ReadToEnd();
            gcc.WaitForExit();
            return gcc.ExitCode == 0 ? null : error;
        }
        catch (Win32Exception missing)
        {
            return $"gcc: {missing.Message}";
        }
    }

    /// <summary>Compiles; the test is skipped where it cannot be.</summary>
    public static void Require(string source, string library)
    {
        var trouble = Compile(source, library);
        Assert.SkipWhen(trouble is not null, $"The stand-in for the driver's library could not be compiled: {trouble}");
    }
}
