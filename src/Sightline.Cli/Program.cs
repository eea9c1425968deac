using Sightline.Cli.CommandLine;
using Sightline.Cli.Commands;

// One line per command or group, in the order of the help.
return CommandFrame.Run(
    args,
    QuickstartCommand.Create(),
    CommandExtensions.Group("data", "The pictures to learn from.", DataPreviewCommand.Create()),
    TrainCommand.Create(),
    CommandExtensions.Group("eval", "How good a run is.", EvalRunCommand.Create()),
    PredictCommand.Create(),
    CommandExtensions.Group("model", "The models that can be trained.", ModelListCommand.Create(), ModelShowCommand.Create(), ModelRunCommand.Create()),
    CommandExtensions.Group("run", "The runs that were made.", RunListCommand.Create(), RunShowCommand.Create()),
    DoctorCommand.Create());
