using System.Diagnostics;
using System.Globalization;
using Sightline.Benchmarks;
using Sightline.Native;
using Sightline.Training;

// One measurement per call, printed as plain numbers: bench/run puts them beside those of the other side.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["duplicates", var hashes, var distance])
{
    DuplicateBenchmark.Run(int.Parse(hashes), int.Parse(distance), Console.Out);
    return 0;
}

if (args is ["turned-duplicates", var pictures, var bits])
{
    DuplicateBenchmark.RunTurns(int.Parse(pictures), int.Parse(bits), Console.Out);
    return 0;
}

if (args is ["tuning", var sampler, var seeds, var trials, var problems, ..])
{
    TuningBenchmark.Samplers(sampler, int.Parse(seeds), int.Parse(trials), problems, args.ElementAtOrDefault(5), Console.Out);
    return 0;
}

if (args is ["pruning", var lcbench, var configurations, var repeats, ..])
{
    PruningBenchmark.Run(lcbench, int.Parse(configurations), int.Parse(repeats), args.ElementAtOrDefault(4) ?? "all", int.Parse(args.ElementAtOrDefault(5) ?? "34"), Console.Out);
    return 0;
}

if (args is ["study", var engine, var history, var workers])
{
    StudyBenchmark.Run(engine, int.Parse(history), int.Parse(workers), Console.Out);
    return 0;
}

NativeRuntime.EnsureLoaded();
switch (args)
{
    case ["step", var model, var size, var batch, var steps, var precision]:
        var time = StepBenchmark.Ours(model, int.Parse(size), int.Parse(batch), int.Parse(steps), Enum.Parse<Precision>(precision, ignoreCase: true));
        Console.WriteLine($"{time:f1} {Process.GetCurrentProcess().PeakWorkingSet64 >> 20}");
        return 0;
    case ["precisions", var model, var size, var batch, var steps]:
        var types = StepBenchmark.Precisions(model, int.Parse(size), int.Parse(batch), int.Parse(steps));
        Console.WriteLine($"{types.Fp32:f1} {types.Bf16:f1}");
        return 0;
    case ["layouts", var model, var size, var batch, var steps, var precision]:
        var layouts = StepBenchmark.Layouts(model, int.Parse(size), int.Parse(batch), int.Parse(steps), Enum.Parse<Precision>(precision, ignoreCase: true));
        Console.WriteLine($"{layouts.Nchw:f1} {layouts.Nhwc:f1}");
        return 0;
    case ["watch", var model, var size, var batch, var steps]:
        var watch = StepBenchmark.Watching(model, int.Parse(size), int.Parse(batch), int.Parse(steps));
        Console.WriteLine($"{watch.Plain:f1} {watch.Watched:f1} {watch.Read:f1}");
        return 0;
    case ["averaging", var model, var size, var batch, var steps]:
        var averaging = StepBenchmark.Averaging(model, int.Parse(size), int.Parse(batch), int.Parse(steps));
        Console.WriteLine($"{averaging.Without:f1} {averaging.With:f1}");
        return 0;
    case ["loop", var model, var size, var batch, var steps]:
        var loop = StepBenchmark.LoopOverhead(model, int.Parse(size), int.Parse(batch), int.Parse(steps));
        Console.WriteLine($"{loop.Ours:f1} {loop.Bare:f1}");
        return 0;
    case ["optimizer", var model, var kind, var steps]:
        var step = StepBenchmark.Optimizer(model, Enum.Parse<OptimizerKind>(kind, ignoreCase: true), int.Parse(steps));
        Console.WriteLine($"{step.Ours:f2} {step.TorchSharp:f2}");
        return 0;
    case ["leak", var steps]:
        var leak = StepBenchmark.Leak(int.Parse(steps));
        Console.WriteLine($"{leak.TensorsBefore} {leak.TensorsAfter} {leak.BytesBefore} {leak.BytesAfter}");
        return 0;
    case ["memory", var model, var size, var batch, var checkpointing, var precision, var allocator, var steps]:
        MemoryBenchmark.Run(
            model, int.Parse(size), int.Parse(batch), Enum.Parse<Checkpointing>(checkpointing, ignoreCase: true), Enum.Parse<Precision>(precision, ignoreCase: true),
            Enum.Parse<AllocatorKind>(allocator, ignoreCase: true), int.Parse(steps), Console.Out);
        return 0;
    case ["search", var folder, var trialCount, var minutes, var threads]:
        SearchBenchmark.Run(folder, int.Parse(trialCount), double.Parse(minutes), int.Parse(threads), Console.Out);
        return 0;
    case ["augment"]:
        AugmentBenchmark.Serve(Console.In, Console.Out);
        return 0;
    default:
        Console.Error.WriteLine(
            "usage: step MODEL SIZE BATCH STEPS fp32|bf16 | precisions MODEL SIZE BATCH STEPS | layouts MODEL SIZE BATCH STEPS fp32|bf16 | " +
            "averaging MODEL SIZE BATCH STEPS | watch MODEL SIZE BATCH STEPS | loop MODEL SIZE BATCH STEPS | optimizer MODEL sgd|adam|adamW|rmsProp|lamb|lion STEPS | leak STEPS | " +
            "memory MODEL SIZE BATCH off|stages|balanced fp32|bf16 fast|compact STEPS | duplicates HASHES DISTANCE | augment | " +
            "tuning SAMPLER SEEDS TRIALS all|PROBLEM,... [TABLES] | study postgres|sqlite|memory TRIALS WORKERS | pruning FOLDER CONFIGURATIONS REPEATS [all|RULE,...] [TASKS] | search FOLDER TRIALS MINUTES THREADS");
        return 2;
}
