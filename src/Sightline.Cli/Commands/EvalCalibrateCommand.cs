using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Runs;
using Sightline.Evaluation;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline eval calibrate RUN</c>.</summary>
internal static class EvalCalibrateCommand
{
    public static Command Create()
    {
        var run = RunLocator.Argument();
        var runs = CommonOptions.Runs();
        var command = new Command("calibrate", "Fit a run's temperature on its validation pictures and store it. Finished trainings have done so already.") { run, runs };
        return command.Does(invocation =>
        {
            var found = RunLocator.Find(invocation.Arguments.GetRequiredValue(run), invocation.Arguments.GetRequiredValue(runs));
            var calibration = Evaluator.Calibrate(found.Path);
            invocation.Result(calibration, text =>
            {
                text.WriteLine($"Temperature  {calibration.Temperature:0.0000}{(calibration.IsAtLimit ? " (at its limit: the validation pictures do not bound it)" : "")}");
                text.WriteLine($"Fitted on    {calibration.Examples} validation pictures");
                text.WriteLine($"Loss         {calibration.LossBefore:0.0000} before, {calibration.LossAfter:0.0000} after");
                text.WriteLine($"ECE          {calibration.EceBefore:0.0000} before, {calibration.EceAfter:0.0000} after");
                text.WriteLine();
                text.WriteLine("'sightline predict --calibrated' uses it; 'sightline eval run' shows what it changes on other pictures.");
            });
        });
    }
}
