using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Datasets;
using Sightline.Cli.Gpus;
using Sightline.Cli.Settings;
using Sightline.Compute.Storage;
using Sightline.Studio;
using Sightline.Studio.Access;
using Sightline.Studio.Jobs;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline studio</c>: everything in the browser.</summary>
internal static class StudioCommand
{
    private const string SecretVariable = "SIGHTLINE_STUDIO_SECRET";

    public static Command Create()
    {
        var port = new Option<int?>("--port") { Description = $"Port; 0 takes a free one. Default: {StudioOptions.UsualPort}, or a free one where that is taken.", HelpName = "N" };
        var noBrowser = new Option<bool>("--no-browser") { Description = "Only print the address." };
        var address = new Option<string>("--address")
        {
            Description = $"Address to listen on. Another than this machine's needs a secret in the variable {SecretVariable}, and --certificate or --insecure-http.",
            HelpName = "IP",
            DefaultValueFactory = _ => "127.0.0.1",
        };
        var hosts = new Option<string[]>("--host") { Description = "A name that the studio answers to besides its address; may be repeated.", HelpName = "NAME", DefaultValueFactory = _ => [] };
        var certificate = new Option<string?>("--certificate") { Description = "Certificate with its key, PFX or PEM: serve HTTPS.", HelpName = "FILE" };
        var insecure = new Option<bool>("--insecure-http") { Description = "Serve another address without encryption, as behind a proxy that encrypts." };
        var runs = CommonOptions.Runs();
        var store = StoreOption.Create();
        var command = new Command("studio", "Runs, data, models and prices in the browser. Ending it never harms a run.") { port, noBrowser, address, hosts, certificate, insecure, runs, store };
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var options = new StudioOptions
            {
                Runs = arguments.GetRequiredValue(runs),
                Store = arguments.GetRequiredValue(store),
                Prices = PriceAccess.Folders,
                Database = Database.Default,
                Tool = new Tool(ToolProcess.Program, ToolProcess.First),
                ReadSettings = StudioSettings.Read,
                Recipes = Recipe.Names.ToDictionary(name => name, Recipe.Read),
                Address = IPAddress.TryParse(arguments.GetRequiredValue(address), out var parsed) ? parsed : throw new SettingsException(
                    $"--address is '{arguments.GetRequiredValue(address)}'; it must be an IP address such as 127.0.0.1 or 0.0.0.0."),
                Port = arguments.GetValue(port),
                Hosts = arguments.GetRequiredValue(hosts),
                Secret = Environment.GetEnvironmentVariable(SecretVariable) is { Length: > 0 } secret ? secret : null,
                Certificate = arguments.GetValue(certificate),
                AllowsPlainHttp = arguments.GetValue(insecure),
            };
            Serve(invocation, options, !arguments.GetValue(noBrowser)).GetAwaiter().GetResult();
        });
    }

    private static async Task Serve(Invocation invocation, StudioOptions options, bool opensBrowser)
    {
        var stop = invocation.Interrupts.StopSaying("The studio ends; runs go on.");
        await using var studio = await StudioServer.StartAsync(options, TimeProvider.System, invocation.Say, stop);
        var login = studio.Invite(Role.Owner);
        invocation.Result(new { address = studio.Address, login, processId = Environment.ProcessId }, text =>
        {
            text.WriteLine($"The studio is at {login}");
            text.WriteLine($"The address works once, within {StudioServer.TokenLifetime.TotalMinutes:0} minutes; the browser then stays logged in. Ctrl-C ends the studio; runs go on.");
        });
        invocation.Terminal.Out.Flush();
        if (opensBrowser && Terminal.IsWatched)
        {
            Open(login);
        }

        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how it ends.
        }
    }

    private static void Open(Uri address)
    {
        try
        {
            using var started = OperatingSystem.IsWindows() ? Process.Start(new ProcessStartInfo(address.AbsoluteUri) { UseShellExecute = true })
                : Process.Start(new ProcessStartInfo(OperatingSystem.IsMacOS() ? "open" : "xdg-open", [address.AbsoluteUri]) { RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException)
        {
            // No browser here; the address is printed.
        }
    }
}
