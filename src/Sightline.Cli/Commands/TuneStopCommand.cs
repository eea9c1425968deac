using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Tuning;
using Sightline.Tuning;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline tune stop</c>.</summary>
internal static class TuneStopCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("STUDY") { Description = "The study's name; not needed where the store has one.", Arity = ArgumentArity.ZeroOrOne };
        var store = new StoreArgument();
        var command = new Command("stop", "Stop a study: workers give their trials back and end. 'tune start' goes on with it.") { name };
        store.AddTo(command);
        return command.Does(invocation =>
        {
            var place = store.Existing(invocation.Arguments);
            using var study = Study.Open(place, StoreArgument.Name(place, invocation.Arguments.GetValue(name)));
            study.Stop();
            var document = StudyDocument.Of(study);
            invocation.Result(document, text => text.WriteLine(
                $"{document.Name} is stopped; {document.Trials.Running} trials at work are given back within {study.Options.Lease.TotalSeconds / 3:0} seconds. 'sightline tune start --name {document.Name}' goes on with it."));
        });
    }
}
