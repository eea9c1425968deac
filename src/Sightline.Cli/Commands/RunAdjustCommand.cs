using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Runs;
using Sightline.Runs;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline run adjust RUN</c>.</summary>
internal static class RunAdjustCommand
{
    public static Command Create()
    {
        var asking = new Asking();
        var set = new Option<string[]>("--set")
        {
            Description = $"What to change from the next step on, such as epochs=30; may be repeated. Names: {string.Join(", ", AdjustableSettings.Keys)}.",
            HelpName = "KEY=VALUE",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        var command = asking.AddTo(new Command("adjust", "Change settings of a running training, from its next step on. A resumed run keeps them."));
        command.Add(set);
        return command.Does(invocation =>
        {
            var settings = AdjustableSettings.Parse(invocation.Arguments.GetValue(set) ?? []);
            var run = asking.Run(invocation);
            var events = run.ReadEvents();
            var epoch = events.LastOrDefault(seen => seen.Kind == "epoch")?.Epoch ?? 0; // The run itself knows better; this is for an early answer.
            var problems = settings.Check(run.Settings.Adjusted, epoch).ToList();
            return problems.Count == 0
                ? asking.Ask(invocation, run, ControlAction.Adjust, settings)
                : throw new SettingsException(string.Join(Environment.NewLine, problems));
        });
    }
}
