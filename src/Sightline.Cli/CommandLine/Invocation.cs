using System.CommandLine;
using System.Text.Json;
using Sightline.Cli.Progress;

namespace Sightline.Cli.CommandLine;

/// <summary>What one command works with: its arguments, the result's and the progress's streams, the stop signal.</summary>
internal sealed class Invocation(ParseResult arguments, Terminal terminal, Interrupts interrupts)
{
    /// <summary>The parsed arguments.</summary>
    public ParseResult Arguments { get; } = arguments;

    /// <summary>Where output goes.</summary>
    public Terminal Terminal { get; } = terminal;

    /// <summary>Ctrl-C.</summary>
    public Interrupts Interrupts { get; } = interrupts;

    /// <summary>Whether the result is to be JSON.</summary>
    public bool Json => Arguments.GetValue(CommonOptions.Json);

    /// <summary>Writes the result: one JSON document, or text for people.</summary>
    /// <param name="document">What <c>--json</c> prints.</param>
    /// <param name="text">Writes the same for people.</param>
    public void Result(object document, Action<TextWriter> text)
    {
        if (Json)
        {
            Terminal.Out.WriteLine(JsonSerializer.Serialize(document, SightlineJson.Indented));
        }
        else
        {
            text(Terminal.Out);
        }
    }

    /// <summary>A line of progress.</summary>
    public void Say(string line) => Terminal.Error.WriteLine(line);
}
