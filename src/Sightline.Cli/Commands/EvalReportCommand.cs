using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Evaluation;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline eval report RUN</c>.</summary>
internal static class EvalReportCommand
{
    public static Command Create()
    {
        var run = RunLocator.Argument();
        var runs = CommonOptions.Runs();
        var command = new Command("report", "Write a run's report and calibration anew, as its training does at its end.") { run, runs };
        return command.Does(invocation =>
        {
            var found = RunLocator.Find(invocation.Arguments.GetRequiredValue(run), invocation.Arguments.GetRequiredValue(runs));
            var result = Evaluator.Report(found.Path);
            var document = new { run = found.Path, html = found.ReportHtml, json = found.ReportJson, result.Examples, result.Accuracy, macroF1 = result.Macro.F1 };
            invocation.Result(document, text =>
            {
                text.WriteLine($"Report     {Path.GetRelativePath(Environment.CurrentDirectory, found.ReportHtml)}");
                text.WriteLine($"Accuracy   {Readable.Percent(result.Accuracy)} of {result.Examples} pictures");
            });
        });
    }
}
