using System.CommandLine;
using System.Globalization;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Memory;
using Sightline.Cli.Output;
using Sightline.Cli.Settings;
using Sightline.Data;
using Sightline.Native;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline train plan [DATA]</c>: what a run needs, before it runs.</summary>
internal static class TrainPlanCommand
{
    public static Command Create()
    {
        var source = new TrainSource();
        var runs = CommonOptions.Runs();
        var probe = new Option<bool>("--probe") { Description = "Also take two steps and a validation batch on noise in another process, and compare." };
        var command = new Command("plan", "The memory that a run needs, term by term, and whether it fits.");
        source.AddTo(command);
        command.Add(runs);
        command.Add(probe);
        return command.Does(invocation =>
        {
            var choice = source.Read(invocation);
            var folder = invocation.Arguments.GetRequiredValue(runs);
            var data = ImageDatasets.Open(choice.Location, Trainer.Split(choice.Options));
            NativeRuntime.EnsureLoaded();
            var settings = Trainer.ResolvePrecision(BatchChoice.Of(choice, data, folder, invocation), data, folder);
            var outlook = MemoryOutlook.Of(settings, MemoryPlan.PictureBytesOf(settings, data));
            var seen = invocation.Arguments.GetValue(probe) ? ProbeProcess.Run(settings with { Options = Compact(settings.Options) }, outlook.Plan.Parts) : null;
            Show(invocation, settings, outlook, seen);
        });
    }

    // The plan counts tensors; an allocator that keeps freed blocks holds more.
    private static TrainOptions Compact(TrainOptions options) => options with { Memory = options.Memory with { Allocator = AllocatorKind.Compact } };

    private static void Show(Invocation invocation, RunSettings settings, MemoryOutlook outlook, ProbeResult? seen)
    {
        var (plan, limit, needed, change) = (outlook.Plan, outlook.Limit, outlook.NeededBytes, outlook.Change);
        var error = seen is { Outcome: ProbeOutcome.Done } ? (double?)((plan.PeakBytes - plan.PictureBytes - plan.ProgramBytes) - (seen.PeakBytes - seen.BaseBytes)) / (seen.PeakBytes - seen.BaseBytes) : null;
        var document = new
        {
            settings.Model,
            Size = settings.Preprocessing.CropSize,
            plan.Batch,
            plan.Parts,
            plan.Precision,
            plan.Checkpointing,
            plan.ProgramBytes,
            plan.WeightBytes,
            plan.GradientBytes,
            plan.OptimizerBytes,
            plan.TeacherBytes,
            plan.ActivationBytes,
            plan.WorkspaceBytes,
            plan.PictureBytes,
            plan.PeakBytes,
            plan.PeakAt,
            plan.ValidationBytes,
            NeededBytes = needed,
            LimitBytes = limit?.Bytes,
            LimitSource = limit?.Source,
            outlook.Fits,
            WouldChange = change,
            ProbeOutcome = seen?.Outcome.ToString().ToLowerInvariant(),
            ProbeBytes = seen?.PeakBytes,
            ProbeBaseBytes = seen?.BaseBytes,
            ProbeError = error,
            ProbeStepMilliseconds = seen?.Seen?.StepTimes[^1],
        };
        invocation.Result(document, text =>
        {
            var pass = plan.Parts > 1 ? $"batch {plan.Batch} in {plan.Parts} parts" : $"batch {plan.Batch}";
            text.WriteLine($"{settings.Model}, {settings.Preprocessing.CropSize} pixels, {pass}, {Name(plan.Precision)}, checkpointing {Name(plan.Checkpointing)}");
            Line("Program", plan.ProgramBytes, "runtime and libraries, as they are now");
            Line("Weights", plan.WeightBytes, "and running statistics");
            Line("Gradients", plan.GradientBytes, "");
            Line("Optimiser", plan.OptimizerBytes, Name(settings.Options.Optimizer.Kind));
            if (plan.TeacherBytes > 0)
            {
                Line("Teacher", plan.TeacherBytes, "its weights");
            }

            Line("Activations", plan.ActivationBytes, "kept for the backward pass");
            Line("Workspace", plan.WorkspaceBytes, "running gradients, compiled kernels");
            Line("Pictures", plan.PictureBytes, "batches ahead, decoded pictures kept");
            Line("Peak", plan.PeakBytes, $"in {plan.PeakAt}; not all terms live at once");
            Line("Validation", plan.ValidationBytes, "its peak");
            Line("To be held", needed, outlook.IsCompact
                ? "with freed blocks given back" : "with freed blocks kept for the next step");
            if (limit is not null)
            {
                Line("There are", limit.Bytes, limit.Kills ? $"{limit.Source}; the plan leaves 15 % free" : limit.Source);
                text.WriteLine(change is null ? "It fits." : !outlook.IsPossible ? $"It does not fit, and {change}." : $"It does not fit as it is. The run would change: {change}.");
            }

            if (seen is { Outcome: ProbeOutcome.Done })
            {
                Line("Probe", seen.PeakBytes, string.Create(CultureInfo.InvariantCulture,
                    $"measured, its program {Readable.Bytes(seen.BaseBytes)}; the plan is off by {100 * error:+0.0;-0.0} % without program and pictures"));
            }
            else if (seen is not null)
            {
                text.WriteLine($"Probe         it did not survive: {seen.Message}");
            }

            void Line(string name, long bytes, string note) => text.WriteLine($"{name,-12} {Readable.Bytes(bytes),10}  {note}".TrimEnd());
        });
    }

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
