using Sightline.Cli.CommandLine;
using Sightline.Cli.Commands;

// One line per command or group, in the order of the help.
return CommandFrame.Run(
    args,
    QuickstartCommand.Create(),
    CommandExtensions.Group(
        "data",
        "The data sets: import, versions, checks, decisions, splits, augmentation.",
        DataImportCommand.Create(),
        DataListCommand.Create(),
        DataShowCommand.Create(),
        DataDiffCommand.Create(),
        DataCheckCommand.Create(),
        DataReviewCommand.Create(),
        DataFixCommand.Create(),
        DataSplitCommand.Create(),
        DataPreviewCommand.Create(),
        DataExportCommand.Create()),
    TrainCommand.Create(),
    CommandExtensions.Group(
        "eval",
        "How good a run is.",
        EvalRunCommand.Create(),
        EvalCompareCommand.Create(),
        EvalErrorsCommand.Create(),
        EvalThresholdsCommand.Create(),
        EvalCalibrateCommand.Create(),
        EvalReportCommand.Create(),
        EvalKfoldCommand.Create(),
        EvalLearningCurveCommand.Create()),
    PredictCommand.Create(),
    CommandExtensions.Group(
        "model",
        "The models that can be trained.",
        ModelListCommand.Create(),
        ModelShowCommand.Create(),
        ModelRunCommand.Create(),
        ModelPullCommand.Create(),
        ModelRecommendCommand.Create()),
    CommandExtensions.Group("run", "The runs that were made.", RunListCommand.Create(), RunShowCommand.Create(), RunExportCommand.Create()),
    CommandExtensions.Group(
        "gpu",
        "GPUs to rent: what a job needs, how long it takes, what it costs; leases that always end.",
        GpuListCommand.Create(),
        GpuOffersCommand.Create(),
        GpuPlanCommand.Create(),
        GpuLeaseCommand.Create(),
        GpuLeasesCommand.Create(),
        GpuExtendCommand.Create(),
        GpuEndCommand.Create()),
    DoctorCommand.Create());
