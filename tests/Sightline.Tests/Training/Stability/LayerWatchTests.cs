using Sightline.Models;
using Sightline.Runs;
using Sightline.Training;
using Sightline.Training.Stability;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Training.Stability;

public sealed class LayerWatchTests
{
    // The figures follow from the definitions, by hand: x = [3, 4], weight [[1, 2], [0, -1]], no bias, loss = sum of relu(y).
    [Fact]
    public void A_linear_layer_is_read_as_its_definition_says()
    {
        using var scope = NewDisposeScope();
        using var linear = nn.Linear(2, 2, hasBias: false);
        using var network = nn.Sequential(("fc", linear), ("relu", nn.ReLU()));
        using (no_grad())
        {
            linear.weight!.copy_(tensor(new float[,] { { 1, 2 }, { 0, -1 } })); // Made with a weight.
        }

        using var watch = new LayerWatch(network);
        watch.Begin();
        network.call(tensor(new float[,] { { 3, 4 } })).sum().backward();
        watch.BeforeUpdate();
        using (no_grad())
        {
            linear.weight.mul_(0.5);
        }

        var layers = watch.AfterUpdate();

        // y = [11, -4]: root of (121 + 16) / 2. The gradient is [[3, 4], [0, 0]], the weight's norm the root of 6, and half of it was taken away.
        Assert.Equal(["fc", "relu"], layers.Select(layer => layer.Name));
        Assert.Equal(new LayerReading { Name = "fc", Activation = 8.28, Gradient = 5, Weight = 2.45, Update = 0.5 }, layers[0]);
        Assert.Equal(new LayerReading { Name = "relu", Activation = 7.78, Dead = 0.5 }, layers[1]);
    }

    // Unit 1 gives nothing in all three readings, unit 0 only in the second: a batch can leave a unit out, dead is what stays so.
    [Fact]
    public void Units_that_give_nothing_at_two_readings_in_a_row_are_dead_over_the_interval()
    {
        using var scope = NewDisposeScope();
        using var linear = nn.Linear(1, 3, hasBias: false);
        using var network = nn.Sequential(("fc", linear), ("relu", nn.ReLU()));
        using (no_grad())
        {
            linear.weight!.copy_(tensor(new float[,] { { 1 }, { 0 }, { -1 } })); // Made with a weight.
        }

        using var watch = new LayerWatch(network);

        Assert.Equal((0.667, null), Relu(watch, network, 1));
        Assert.Equal((0.667, 0.333), Relu(watch, network, -1));
        using var resumed = new LayerWatch(network, watch.Silent);
        Assert.Equal((0.667, 0.667), Relu(resumed, network, -1));

        static (double?, double?) Relu(LayerWatch watch, nn.Module<Tensor, Tensor> network, float input)
        {
            var relu = Read(watch, network, full([4, 1], input)).Single(layer => layer.Name == "relu");
            return (relu.Dead, relu.DeadOverInterval);
        }
    }

    [Fact]
    public void Channels_cut_off_by_an_activation_in_place_are_dead()
    {
        using var scope = NewDisposeScope();
        using var network = ModelCatalog.Find("resnet10_small").Create(3);
        network.train();
        using (no_grad())
        {
            // A norm's result has mean 0 and deviation 1, so a bias of -100 leaves nothing positive in two of its channels.
            network.named_parameters().Single(entry => entry.name == "layer1.0.bn1.bias").parameter.narrow(0, 3, 2).fill_(-100);
        }

        var layers = Read(network, ones(4, 3, 16, 16).mul_(arange(16)));

        Assert.Equal(0.125, layers.Single(layer => layer.Name == "layer1.0.bn1").Dead);
        Assert.Null(layers.Single(layer => layer.Name == "layer1.0.conv1").Dead);
    }

    [Fact]
    public void Every_parameter_of_every_family_belongs_to_a_layer_that_is_read()
    {
        using var scope = NewDisposeScope();
        foreach (var family in ModelCatalog.All.GroupBy(variant => variant.Family))
        {
            using var network = family.MinBy(variant => variant.Parameters)!.Create(3); // Groups are not empty.
            network.train();

            var layers = Read(network, ones(2, 3, 32, 32).mul_(arange(32)));

            var squares = layers.Sum(layer => Math.Pow(layer.Gradient ?? 0, 2));
            var expected = network.parameters().Sum(parameter => Math.Pow(parameter.grad!.norm().item<float>(), 2)); // The backward pass has run.
            Assert.Equal(1, squares / expected, 0.02); // Three digits are kept of each.
            Assert.All(layers.Where(layer => layer.Weight is not null), layer => Assert.True(layer.Activation is not null, $"{family.Key} {layer.Name} was not seen."));
        }
    }

    [Fact]
    public void A_deep_network_without_norms_has_a_vanishing_gradient_and_a_residual_one_has_none()
    {
        using var scope = NewDisposeScope();

        // Hochreiter 1991, Glorot and Bengio 2010: the logistic function's slope is at most 1/4, so each layer takes three quarters away.
        using var deep = nn.Sequential(Enumerable.Range(0, 12).SelectMany(_ => new nn.Module<Tensor, Tensor>[] { nn.Linear(16, 16), nn.Sigmoid() }));
        using var residual = ModelCatalog.Find("resnet10_small").Create(10);
        residual.train();
        var options = new StabilityOptions { Vanishing = StabilityPolicy.Stop };

        var trouble = Vanishing.Find(options, Read(deep, ones(4, 16).mul_(arange(16))));
        var none = Vanishing.Find(options, Read(residual, ones(4, 3, 16, 16).mul_(arange(16))));

        Assert.StartsWith("The gradient vanishes on its way back", trouble?.Seen);
        Assert.Equal(StabilityPolicy.Stop, trouble?.Action);
        Assert.Null(none);
        Assert.Null(Vanishing.Find(options with { Vanishing = StabilityPolicy.Off }, Read(deep, ones(4, 16))));
    }

    private static IReadOnlyList<LayerReading> Read(nn.Module<Tensor, Tensor> network, Tensor input)
    {
        using var watch = new LayerWatch(network);
        return Read(watch, network, input);
    }

    private static IReadOnlyList<LayerReading> Read(LayerWatch watch, nn.Module<Tensor, Tensor> network, Tensor input)
    {
        foreach (var parameter in network.parameters())
        {
            parameter.grad = null;
        }

        watch.Begin();
        network.call(input).pow(2).sum().backward();
        watch.BeforeUpdate();
        return watch.AfterUpdate();
    }
}
