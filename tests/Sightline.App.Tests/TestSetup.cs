using System.Runtime.CompilerServices;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// Most tests wait for a process that trains on one thread, so two side by side fill two cores and more would only wait for each other.
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 2)]

namespace Sightline.App.Tests;

internal static class TestSetup
{
    // Tests wait for their processes on threads of the pool; the studio's server, in this process, needs some beside them.
    [ModuleInitializer]
    internal static void KeepThreads() => ThreadPool.SetMinThreads(16, 16);
}

/// <summary>Tests that take the whole machine, or measure it.</summary>
[CollectionDefinition("Alone", DisableParallelization = true)]
public sealed class AloneCollection;
