using System.Buffers.Binary;
using Sightline.Runs;
using Sightline.Native;
using Sightline.Runs.TensorBoard;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Runs.TensorBoard;

/// <summary>Event files read back by a plain frame reader and by the protobuf classes that TorchSharp ships, generated from TensorFlow's definitions.</summary>
public sealed class EventFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Figures_are_read_back_by_another_reader()
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_250);
        RunEvent[] events =
        [
            new() { Kind = "step", At = at, Step = 300, TrainLoss = 1.25, LearningRate = 0.05, GradientNorm = double.NaN },
            new() { Kind = "notice", At = at, Step = 301, Message = "No figures." },
            new() { Kind = "epoch", At = at, Step = 400, TrainLoss = 1, ValidationAccuracy = 0.75 },
            new() { Kind = "layers", At = at, Step = 401, Layers = [new LayerReading { Name = "conv1", Activation = 2, Gradient = 3, Weight = 4, Update = 0.001, Dead = 0.5 }] },
        ];

        new TensorBoardLog(_folder, events, at).Dispose();

        var read = Read(Directory.EnumerateFiles(_folder).Single());
        Assert.Equal("brain.Event:2", read[0].FileVersion);
        Assert.Equal([300, 400, 401], read.Skip(1).Select(told => told.Step));
        Assert.All(read, told => Assert.Equal(1_700_000_000.25, told.WallTime));
        Assert.Equal(
            [("step/loss", 1.25f), ("step/learning rate", 0.05f), ("step/gradient norm", float.NaN)],
            read[1].Summary.Value.Select(value => (value.Tag, value.SimpleValue)));
        Assert.Equal([("epoch/training loss", 1f), ("epoch/validation accuracy", 0.75f)], read[2].Summary.Value.Select(value => (value.Tag, value.SimpleValue)));
        Assert.Equal(
            [("activation/conv1", 2f), ("gradient/conv1", 3f), ("update/conv1", 0.001f), ("dead/conv1", 0.5f)],
            read[3].Summary.Value.Select(value => (value.Tag, value.SimpleValue)));
    }

    [Fact]
    public void A_log_begun_anew_replaces_the_old_one()
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        new TensorBoardLog(_folder, [new RunEvent { Kind = "step", At = at, Step = 50, TrainLoss = 1 }], at).Dispose();

        new TensorBoardLog(_folder, [], at.AddSeconds(5)).Dispose();

        Assert.Single(Read(Directory.EnumerateFiles(_folder).Single()));
    }

    // Values by numpy: np.histogram([-1, 0, 0.5, 2, 2], bins=30) has -1 in bin 0, 0 in bin 10, 0.5 in bin 15 and both 2 in bin 29, of width 0.1.
    [Fact]
    public void Histograms_are_read_back_by_another_reader_and_kept_up_to_a_step()
    {
        NativeRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var linear = nn.Linear(1, 5, hasBias: false);
        linear.weight = new TorchSharp.Modules.Parameter(tensor(new float[,] { { -1 }, { 0 }, { 0.5f }, { 2 }, { 2 } }));
        var at = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        using (var log = new HistogramLog(_folder, 0, at))
        {
            log.Write(at, 100, linear);
            linear.weight.grad = tensor(new[,] { { float.NaN }, { 3 }, { 3 }, { 3 }, { 3 } });
            log.Write(at, 200, linear);
            log.Write(at, 300, linear);
        }

        new HistogramLog(_folder, 200, at.AddSeconds(9)).Dispose();

        var read = Read(Directory.EnumerateFiles(_folder).Single());
        Assert.Equal(["brain.Event:2", "", ""], read.Select(told => told.FileVersion));
        Assert.Equal([100, 200], read.Skip(1).Select(told => told.Step));
        var weight = Assert.Single(read[1].Summary.Value);
        Assert.Equal("weight/weight", weight.Tag);
        Assert.Equal((-1, 2, 5, 3.5, 9.25), (weight.Histo.Min, weight.Histo.Max, weight.Histo.Num, weight.Histo.Sum, weight.Histo.SumSquares));
        Assert.Equal([(0, 1.0), (10, 1.0), (15, 1.0), (29, 2.0)], weight.Histo.Bucket.Select((count, i) => (i, count)).Where(bin => bin.count > 0));
        Assert.Equal(-0.9, weight.Histo.BucketLimit[0], 9);
        Assert.Equal(2, weight.Histo.BucketLimit[29]);
        var gradient = read[2].Summary.Value[1];
        Assert.Equal(("gradient/weight", 4, 3, 3), (gradient.Tag, gradient.Histo.Num, gradient.Histo.Min, gradient.Histo.Max)); // NaN is left out.
        Assert.Equal([4.0], gradient.Histo.Bucket);
    }

    // Frames as tensorflow/core/lib/io/record_writer.h describes them; the CRC by its definition, bit by bit, and not by an instruction.
    private static List<Tensorboard.Event> Read(string path)
    {
        Assert.Equal(0xE3069283, Crc("123456789"u8)); // CRC-32C's check value (RFC 3720, appendix B.4, and the catalogue of parametrised CRCs).
        var events = new List<Tensorboard.Event>();
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        while (rest.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest);
            Assert.Equal(Masked(rest[..8]), BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]));
            var data = rest.Slice(12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(rest[(12 + length)..]));
            events.Add(Tensorboard.Event.Parser.ParseFrom(data.ToArray()));
            rest = rest[(16 + length)..];
        }

        return events;
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = Crc(data);
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var one in data)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }

        return ~crc;
    }
}
