namespace Sightline.Training;

/// <summary>The optimiser's kind.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with momentum (Nesterov by default).</summary>
    Sgd,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    AdamW,

    /// <summary>Adam with weight decay as a part of the gradient (Kingma and Ba 2015).</summary>
    Adam,

    /// <summary>RMSprop with momentum, as EfficientNet and MobileNetV3 were trained (Tieleman and Hinton 2012; torchvision's recipe).</summary>
    RmsProp,

    /// <summary>Adam whose step in each layer is scaled to the norm of its weights, for very large batches (You et al. 2020, algorithm 2).</summary>
    Lamb,

    /// <summary>The sign of a mixed momentum; half of Adam's state. Rates are 3 to 10 times smaller, decay as much larger (Chen et al. 2023, algorithm 2).</summary>
    Lion,
}

/// <summary>Optimiser settings.</summary>
public sealed record OptimizerOptions
{
    /// <summary>SGD by default: on images trained from scratch it generalises best.</summary>
    public OptimizerKind Kind { get; init; } = OptimizerKind.Sgd;

    /// <summary>Peak learning rate; above 0, at most 10. Default 0.05, for SGD with batches of 64; see docs/training.md for the other kinds.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Momentum of SGD and RMSprop; 0 to below 1.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Nesterov's form of SGD's momentum.</summary>
    public bool Nesterov { get; init; } = true;

    /// <summary>Weight decay of weights of two or more dimensions; norms and biases have none. 0 to 1.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Decay of the gradient's mean in Adam, AdamW and LAMB; in Lion, the share of the momentum in the step. 0 to below 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the squared gradient's mean in Adam, AdamW and LAMB, of the momentum in Lion; 0 to below 1. Null takes 0.999, for Lion 0.99.</summary>
    public double? Beta2 { get; init; }

    /// <summary>RMSprop's decay of the squared gradient's mean; 0 to below 1. Default 0.9, as in torchvision's recipe.</summary>
    public double Alpha { get; init; } = 0.9;

    /// <summary>
    /// Added to the root of the squared gradient's mean; above 0, at most 1. Null takes 1e-8, for LAMB 1e-6, for RMSprop 0.0316 as in torchvision's
    /// recipe.
    /// </summary>
    public double? Epsilon { get; init; }

    /// <summary>Largest norm of the whole gradient; larger ones are scaled down. 0 is off. Applied last.</summary>
    public double ClipNorm { get; init; }

    /// <summary>Largest absolute value of a gradient element; 0 is off. Applied first.</summary>
    public double ClipValue { get; init; }

    /// <summary>
    /// Adaptive clipping (AGC, Brock et al. 2021): the largest norm of the gradient of each output unit as a share of the norm of its weights; the
    /// classifier's own layer is left out. 0 is off; the paper takes 0.01.
    /// </summary>
    public double ClipAdaptive { get; init; }

    internal double Beta2OrDefault => Beta2 ?? (Kind == OptimizerKind.Lion ? 0.99 : 0.999);

    internal double EpsilonOrDefault => Epsilon ?? Kind switch
    {
        OptimizerKind.RmsProp => 0.0316,
        OptimizerKind.Lamb => 1e-6,
        _ => 1e-8,
    };

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (LearningRate is not (> 0 and <= 10))
        {
            yield return $"LearningRate is {LearningRate}; it must be above 0 and at most 10. Pass --set optimizer.learningRate=0.05.";
        }

        if (Momentum is not (>= 0 and < 1))
        {
            yield return $"Momentum is {Momentum}; it must be at least 0 and below 1. Pass --set optimizer.momentum=0.9.";
        }

        if (Nesterov && Momentum == 0 && Kind == OptimizerKind.Sgd)
        {
            yield return "Nesterov needs a momentum above 0, and Momentum is 0. Pass --set optimizer.nesterov=false or a momentum.";
        }

        if (WeightDecay is not (>= 0 and <= 1))
        {
            yield return $"WeightDecay is {WeightDecay}; it must be from 0 to 1. Pass --set optimizer.weightDecay=0.0005.";
        }

        if (Beta1 is not (>= 0 and < 1) || Beta2OrDefault is not (>= 0 and < 1))
        {
            yield return $"Beta1 and Beta2 are {Beta1} and {Beta2OrDefault}; both must be at least 0 and below 1. " +
                "Pass --set optimizer.beta1=0.9 --set optimizer.beta2=0.999.";
        }

        if (Alpha is not (>= 0 and < 1))
        {
            yield return $"Alpha is {Alpha}; it must be at least 0 and below 1. Pass --set optimizer.alpha=0.9.";
        }

        if (EpsilonOrDefault is not (> 0 and <= 1))
        {
            yield return $"Epsilon is {Epsilon}; it must be above 0 and at most 1. Pass --set optimizer.epsilon=1e-8.";
        }

        if (ClipNorm is not (>= 0 and < double.PositiveInfinity) || ClipValue is not (>= 0 and < double.PositiveInfinity))
        {
            yield return $"ClipNorm and ClipValue are {ClipNorm} and {ClipValue}; both must be 0 (off) or above. Pass --set optimizer.clipNorm=1.";
        }

        if (ClipAdaptive is not (>= 0 and <= 1))
        {
            yield return $"ClipAdaptive is {ClipAdaptive}; it must be 0 (off) or at most 1. Pass --set optimizer.clipAdaptive=0.01.";
        }
    }
}
