using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Sightline.Studio.Access;
using Sightline.Studio.Data;
using Sightline.Studio.Evaluate;
using Sightline.Studio.Home;
using Sightline.Studio.Compare;
using Sightline.Studio.Gpus;
using Sightline.Studio.Jobs;
using Sightline.Studio.Models;
using Sightline.Studio.Runs;
using Sightline.Studio.Settings;
using Sightline.Studio.Shared;
using Sightline.Studio.Tips;
using Sightline.Studio.Train;
using Sightline.Studio.Tune;

namespace Sightline.Studio;

/// <summary>The studio as a web server. It only reads run folders and the files that commands read, so that ending it harms no run.</summary>
internal sealed class StudioServer : IAsyncDisposable
{
    /// <summary>How long the printed address works.</summary>
    public static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(30);

    private readonly WebApplication _app;
    private readonly IDisposable[] _parts;

    private StudioServer(WebApplication app, Sessions sessions, IDisposable[] parts, StudioOptions options)
    {
        _app = app;
        _parts = parts;
        Sessions = sessions;
        var listening = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()); // Kestrel sets both once it listens.
        var host = options.Address.Equals(IPAddress.Any) || options.Address.Equals(IPAddress.IPv6Any) ? options.Hosts.FirstOrDefault() ?? "localhost" : listening.Host;
        Address = new UriBuilder(listening) { Host = host }.Uri;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Who is let in.</summary>
    public Sessions Sessions { get; }

    /// <summary>An address that lets one person in once.</summary>
    public Uri Invite(Role role) => new(Address, $"/login?token={Sessions.Invite(role, TokenLifetime)}");

    /// <summary>Starts it.</summary>
    /// <param name="options">Where and what.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tell">Told about unexpected troubles, for the terminal.</param>
    /// <param name="cancel">Stops starting.</param>
    /// <exception cref="SettingsException">A value is not allowed, or the port is taken.</exception>
    public static async Task<StudioServer> StartAsync(StudioOptions options, TimeProvider time, Action<string> tell, CancellationToken cancel)
    {
        var problems = options.Check().ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(Environment.NewLine, problems));
        }

        try
        {
            return await StartAsync(options, options.Port ?? StudioOptions.UsualPort, time, tell, cancel);
        }
        catch (IOException) when (options.Port is null)
        {
            return await StartAsync(options, 0, time, tell, cancel); // Another studio has the usual port.
        }
        catch (IOException error)
        {
            throw new SettingsException($"{options.Address}:{options.Port} cannot be listened on ({error.Message}). Pass another --port, or 0 for any free one.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2)); // Live curves never end by themselves.
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
        foreach (var part in _parts)
        {
            part.Dispose();
        }
    }

    private static async Task<StudioServer> StartAsync(StudioOptions options, int port, TimeProvider time, Action<string> tell, CancellationToken cancel)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Gatekeeper.LargestPicture;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 << 10;
            kestrel.Listen(options.Address, port, listen =>
            {
                if (options.Certificate is { } file)
                {
                    listen.UseHttps(ReadCertificate(file));
                }
            });
        });
        if (options.Certificate is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var (sessions, limiter) = (new Sessions(time), new LoginLimiter(time));
        var gatekeeper = new Gatekeeper(options, sessions);
        var troubles = new Troubles(tell);
        var (runs, sets) = (new RunIndex(options.Runs, time), new DataShelf(options.Store, time));
        var (pictures, models) = (new RunPictures(), new LoadedModel());
        var (samples, judgements, heats) = (new SamplesPart(options, runs), new JudgedRuns(), new HeatStore(pictures));
        var (maps, sheets) = (new EmbeddingMaps(), new AugmentPage(sets));
        var leases = new LeaseBoard(options.Database, time);
        var jobs = new ToolJobs(options, time);
        var planner = new TrainPlanner(options, sets, runs, jobs, time);

        app.UseRouting();
        app.Use(next => context => troubles.InvokeAsync(context, next));
        app.Use(next => context => gatekeeper.InvokeAsync(context, next));
        var pages = new Endpoints(app);
        Assets.Map(pages);
        new LoginPage(options, sessions, limiter, gatekeeper).Map(pages);
        new HomePage(options, runs, sets).Map(pages);
        new ImportPage(options, sets, jobs).Map(pages);
        new TrainPage(options, sets, planner, jobs, time).Map(pages);
        new TunePage(options, time).Map(pages);
        new JobsPage(jobs).Map(pages);
        new RunsPage(options, runs).Map(pages);
        new RunPage(options, runs, new CurveStore(), samples, time).Map(pages);
        new ComparePage(options, runs).Map(pages);
        new EvaluatePage(options, runs, pictures, heats).Map(pages);
        new ThresholdsPage(options, runs, judgements).Map(pages);
        new DataPage(options, sets, jobs).Map(pages);
        new PicturesPage(options, sets).Map(pages);
        new ReviewPage(options, sets).Map(pages);
        new MapPage(sets, runs, maps).Map(pages);
        sheets.Map(pages);
        new ModelsPage(options, runs, models).Map(pages);
        new GpusPage(options, leases, planner, jobs, time).Map(pages);
        new TipsPage(options, runs, time).Map(pages);
        new SettingsPage(options, sessions).Map(pages);
        app.UseEndpoints(_ => { });
        await app.StartAsync(cancel);
        return new StudioServer(app, sessions, [pictures, models, samples, judgements, heats, maps, sheets, leases, planner], options);
    }

    private static X509Certificate2 ReadCertificate(string file) =>
        Path.GetExtension(file).Equals(".pem", StringComparison.OrdinalIgnoreCase) ? X509Certificate2.CreateFromPemFile(file) : X509CertificateLoader.LoadPkcs12FromFile(file, null);
}
