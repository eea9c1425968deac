using System.CommandLine;
using Sightline.Cli.CommandLine;

namespace Sightline.Cli.Leases;

/// <summary>Nothing that costs money happens without a yes: from a person at the terminal, or from <c>--yes</c>.</summary>
internal sealed class Consent
{
    private readonly Option<bool> _yes = new("--yes") { Description = "Do not ask. Needed where no person is at the terminal." };

    public void AddTo(Command command) => command.Add(_yes);

    /// <summary>Whether a person can be asked.</summary>
    public static bool CanAsk => !Console.IsInputRedirected && Terminal.IsWatched;

    /// <summary>Whether it was given beforehand.</summary>
    public bool IsGiven(ParseResult arguments) => arguments.GetValue(_yes);

    /// <summary>Asks, unless it was given.</summary>
    /// <exception cref="SettingsException">Nobody is there to be asked.</exception>
    /// <exception cref="StoppedException">The answer was no.</exception>
    public void Need(Invocation invocation, string question)
    {
        if (IsGiven(invocation.Arguments))
        {
            return;
        }

        if (!CanAsk)
        {
            throw new SettingsException($"{question} Nobody is at the terminal to say yes: pass --yes.");
        }

        invocation.Terminal.Error.Write($"{question} [y/N] ");
        if (Console.In.ReadLine()?.Trim().ToLowerInvariant() is not ("y" or "yes"))
        {
            throw new StoppedException("Nothing was done.");
        }
    }
}
