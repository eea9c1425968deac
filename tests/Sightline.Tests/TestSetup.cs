using System.Runtime.CompilerServices;
using Sightline.Native;

namespace Sightline.Tests;

internal static class TestSetup
{
    [ModuleInitializer]
    internal static void LoadNatives() => NativeRuntime.EnsureLoaded();
}
