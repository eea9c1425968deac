using Sightline.Cli.CommandLine;
using Sightline.Data;
using Sightline.Data.Store;

namespace Sightline.Cli.Runs;

/// <summary>
/// From what the user calls the data to a folder: a path, <c>fashion-mnist</c>, which is fetched when needed, or a stored data set,
/// <c>NAME</c> or <c>NAME@NUMBER</c>. A path that exists comes first.
/// </summary>
internal static class DataLocator
{
    public const string FashionMnistName = "fashion-mnist";

    public static string Find(string data, FashionMnistOptions options, Invocation invocation)
    {
        if (Path.Exists(data))
        {
            return data;
        }

        var store = new DatasetStore(DatasetStore.DefaultFolder, TimeProvider.System);
        if (store.TryFind(data) is { } version)
        {
            return version.Folder;
        }

        if (data == FashionMnistName)
        {
            return Fetch(options, invocation);
        }

        var names = store.Names();
        return names.Count == 0 || data.AsSpan().ContainsAny('/', '\\')
            ? data
            : throw new NotFoundException(
                $"The data '{data}' is neither a folder nor a stored data set.{NearestNames.Suggest(data.Split('@')[0], names)} Pass a folder, or one of 'sightline data list'.");
    }

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
