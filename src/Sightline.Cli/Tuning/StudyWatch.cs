using Sightline.Cli.CommandLine;
using Sightline.Tuning;
using Spectre.Console;

namespace Sightline.Cli.Tuning;

/// <summary>Shows a study as it goes on: a block that is drawn anew on a terminal, else a line for each change.</summary>
internal static class StudyWatch
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    /// <summary>Shows the study until there is nothing more to see.</summary>
    /// <param name="study">The study; it is read every second.</param>
    /// <param name="say">Where lines go when nobody watches a terminal.</param>
    /// <param name="goesOn">Asked every second; the watch ends on false.</param>
    /// <param name="stop">Ends the watch.</param>
    public static void Run(Study study, Action<string> say, Func<bool> goesOn, CancellationToken stop)
    {
        if (!Terminal.IsWatched)
        {
            var shown = "";
            while (goesOn())
            {
                shown = Say(study, shown, say);
                if (stop.WaitHandle.WaitOne(_interval))
                {
                    return;
                }
            }

            Say(study, shown, say);
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Error),
            Ansi = AnsiSupport.Yes,
            ColorSystem = Terminal.IsColourful ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        console.Live(Block(study)).Start(display =>
        {
            while (goesOn() && !stop.WaitHandle.WaitOne(_interval))
            {
                display.UpdateTarget(Block(study));
            }

            display.UpdateTarget(Block(study));
        });
    }

    private static Rows Block(Study study) => new(StudyText.Lines(StudyDocument.Of(study)).Select(line => new Text(line) { Overflow = Overflow.Ellipsis }));

    private static string Say(Study study, string before, Action<string> say)
    {
        var document = StudyDocument.Of(study);
        var line = string.Join(" | ", StudyText.Lines(document with { Running = [], Troubles = [] }).Skip(1).Take(3));
        if (line != before)
        {
            say(line);
        }

        return line;
    }
}
