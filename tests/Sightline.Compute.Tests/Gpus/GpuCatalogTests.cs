using Sightline.Compute.Gpus;
using Xunit;

namespace Sightline.Compute.Tests.Gpus;

public sealed class GpuCatalogTests
{
    // The words are those of the providers' catalogues and interfaces.
    [Theory]
    [InlineData("A100", 40960, "a100-40")]
    [InlineData("A100-80GB", 81920, "a100-80-sxm")]
    [InlineData("A100-80GB", null, "a100-80-sxm")]
    [InlineData("A100 SXM4", 40960, "a100-40")]
    [InlineData("A100_PCIE", 81920, "a100-80-pcie")]
    [InlineData("NVIDIA A100 80GB PCIe", 81920, "a100-80-pcie")]
    [InlineData("NVIDIA A100-SXM4-80GB", 81920, "a100-80-sxm")]
    [InlineData("A100", null, "a100-40")]
    [InlineData("V100", 16384, "v100-16")]
    [InlineData("V100-32GB", 32768, "v100-32")]
    [InlineData("Tesla V100", 16384, "v100-16")]
    [InlineData("Tesla_V100", null, "v100-16")]
    [InlineData("T4", 16384, "t4")]
    [InlineData("NVIDIA GeForce RTX 4090", 24564, "rtx4090")]
    [InlineData("RTX_3060_Ti", 8192, "rtx3060-ti")]
    [InlineData("RTX3060", 12288, "rtx3060-12")]
    [InlineData("RTX6000-Ada", 49140, "rtx6000-ada")]
    [InlineData("RTX6000", 24576, "quadro-rtx6000")]
    [InlineData("RTXA6000", 49140, "rtx-a6000")]
    [InlineData("A6000", 49152, "rtx-a6000")]
    [InlineData("H100", 81559, "h100-sxm")]
    [InlineData("H100 SXM5", 81920, "h100-sxm")]
    [InlineData("NVIDIA H100 80GB HBM3", 81559, "h100-sxm")]
    [InlineData("H100", 95830, "h100-nvl")]
    [InlineData("NVIDIA H100 PCIe", 81559, "h100-pcie")]
    [InlineData("NVIDIA L4", 23034, "l4")]
    [InlineData("B200", 184320, "b200")]
    [InlineData("NVIDIA L40S", 46068, "l40s")]
    public void Identify_knows_the_providers_words(string name, int? memoryMib, string id)
    {
        Assert.Equal(id, GpuCatalog.Identify(name, memoryMib)?.Id);
    }

    // Cards that NVIDIA sells, whose names begin or read like another's.
    [Theory]
    [InlineData("a1000")]
    [InlineData("NVIDIA RTX A1000")]
    [InlineData("NVIDIA RTX A1000 Laptop GPU")]
    [InlineData("A100X")]
    [InlineData("NVIDIA A100-SXM4-40GB MIG 3g.20gb")]
    [InlineData("A16")]
    [InlineData("A30")]
    [InlineData("A4000")]
    [InlineData("A40-8Q")]
    [InlineData("A10M")]
    [InlineData("A800")]
    [InlineData("H800")]
    [InlineData("H20")]
    [InlineData("L40")]
    [InlineData("T400")]
    [InlineData("T1000")]
    [InlineData("T4G")]
    [InlineData("Tesla V100S-PCIE-32GB")]
    [InlineData("Quadro P1000")]
    [InlineData("Quadro P400")]
    [InlineData("Quadro P4000")]
    [InlineData("Quadro M600")]
    [InlineData("Quadro M6000")]
    [InlineData("NVIDIA GeForce RTX 4090 Laptop GPU")]
    [InlineData("NVIDIA GeForce RTX 4090 D")]
    [InlineData("NVIDIA GeForce RTX 3090 Ti")]
    [InlineData("NVIDIA GeForce RTX 4070")]
    [InlineData("NVIDIA GeForce RTX 4070 SUPER")]
    [InlineData("NVIDIA GeForce RTX 4060")]
    [InlineData("NVIDIA GeForce GTX 1080")]
    public void Identify_does_not_take_a_look_alike_for_another_card(string name)
    {
        Assert.Null(GpuCatalog.Identify(name));
    }

    // Providers' names that several cards share: the size tells them apart.
    [Theory]
    [InlineData("RTX4070", 16376, "rtx4070-ti-super")]
    [InlineData("RTX_4070S_Ti", 16376, "rtx4070-ti-super")]
    [InlineData("RTX4060", 16380, "rtx4060-ti-16")]
    [InlineData("RTX3060", 8192, "rtx3060-ti")]
    [InlineData("RTX4060", 8188, null)]
    [InlineData("RTX4070", 12282, null)]
    public void Identify_tells_cards_of_one_name_apart_by_their_size(string name, int memoryMib, string? id)
    {
        Assert.Equal(id, GpuCatalog.Identify(name, memoryMib)?.Id);
    }

    [Theory]
    [InlineData("RTX 4090", 49140)]
    [InlineData("MI300X", 196608)]
    [InlineData("V100", 40960)]
    public void Identify_does_not_guess(string name, int? memoryMib)
    {
        Assert.Null(GpuCatalog.Identify(name, memoryMib));
    }

    [Theory]
    [InlineData("p100")]
    [InlineData("p40")]
    [InlineData("gtx1080-ti")]
    [InlineData("m60")]
    [InlineData("k80")]
    public void Pascal_and_older_are_refused_with_the_reason(string id)
    {
        var gpu = GpuCatalog.Find(id);

        Assert.Equal(
            $"{gpu.Name} has compute capability {gpu.ComputeCapability}; LibTorch 2.10 needs at least 7.0 (Pascal and older were dropped in 2.8). Choose a V100, T4, A100 or newer.",
            gpu.Refusal);
    }

    [Theory]
    [InlineData("v100-16", "fp16")]
    [InlineData("t4", "fp16")]
    [InlineData("a100-40", "bf16")]
    [InlineData("rtx3090", "bf16")]
    public void Volta_and_newer_are_taken_with_the_precision_they_have(string id, string mixed)
    {
        var gpu = GpuCatalog.Find(id);

        Assert.Null(gpu.Refusal);
        Assert.Equal(mixed, gpu.MixedPrecision);
        Assert.Equal(mixed == "bf16", gpu.HasTf32);
    }

    [Fact]
    public void Ids_are_unique_and_an_unknown_one_names_the_near()
    {
        var error = Assert.Throws<ComputeException>(() => GpuCatalog.Find("a100"));

        Assert.Equal(GpuCatalog.All.Count, GpuCatalog.All.Select(gpu => gpu.Id).Distinct().Count());
        Assert.Equal("There is no GPU 'a100'. Did you mean a100-80-sxm or a100-80-pcie or a100-40? 'sightline gpu list' shows all.", error.Message);
    }
}
