using Sightline.Cli.CommandLine;
using Sightline.Cli.Commands;

// One line per command or group, in the order of the help.
return CommandFrame.Run(
    args,
    DoctorCommand.Create());
