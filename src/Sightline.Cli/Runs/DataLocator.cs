using Sightline.Cli.CommandLine;
using Sightline.Data;

namespace Sightline.Cli.Runs;

/// <summary>From what the user calls the data to a folder: a path, or <c>fashion-mnist</c>, which is fetched when needed.</summary>
internal static class DataLocator
{
    public const string FashionMnistName = "fashion-mnist";

    public static string Find(string data, FashionMnistOptions options, Invocation invocation) =>
        data == FashionMnistName && !Path.Exists(data) ? Fetch(options, invocation) : data;

    // The one network wait of these commands; training itself is synchronous, so it is waited for here.
    private static string Fetch(FashionMnistOptions options, Invocation invocation)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(10) };
        return FashionMnist.LocateAsync(options, http, new Lines(invocation), CancellationToken.None).GetAwaiter().GetResult();
    }

    private sealed class Lines(Invocation invocation) : IProgress<string>
    {
        public void Report(string value) => invocation.Say(value);
    }
}
