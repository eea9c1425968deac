using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Compute.Gpus;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline gpu list</c>: the GPU table. LibTorch is not loaded.</summary>
internal static class GpuListCommand
{
    public static Command Create() => new Command("list", "All GPUs that are known: memory, bandwidth, peaks, precisions, whether LibTorch can use them.").Does(invocation =>
    {
        var rows = GpuCatalog.All.Select(gpu => new
        {
            gpu.Id,
            gpu.Name,
            gpu.MemoryMib,
            gpu.BandwidthGBps,
            gpu.Fp32Tflops,
            gpu.Tf32Tflops,
            gpu.Fp16Tflops,
            gpu.Bf16Tflops,
            ComputeCapability = gpu.ComputeCapability.ToString(),
            gpu.MixedPrecision,
            IsSupported = gpu.Refusal is null,
            gpu.Refusal,
            gpu.Source,
        }).ToList();
        invocation.Result(rows, text =>
        {
            var table = new TextTable("ID", "NAME", "GIB", "GB/S", "FP32", "TF32", "FP16", "BF16", "CC", "USABLE") { RightAligned = [2, 3, 4, 5, 6, 7, 8] };
            foreach (var row in rows)
            {
                table.Add(row.Id, row.Name, $"{row.MemoryMib / 1024.0:0}", $"{row.BandwidthGBps:0}", Peak(row.Fp32Tflops), Peak(row.Tf32Tflops), Peak(row.Fp16Tflops), Peak(row.Bf16Tflops),
                    row.ComputeCapability, row.IsSupported ? "yes" : "no");
            }

            table.Write(text);
            text.WriteLine();
            text.WriteLine("Peaks in TFLOPS, dense, from the maker's data sheets. Not usable: compute capability below 7.0, which LibTorch 2.10 no longer holds.");
        });
    });

    private static string Peak(double? value) => value is { } peak ? $"{peak:0.#}" : "-";
}
