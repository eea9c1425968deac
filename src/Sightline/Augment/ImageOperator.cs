using System.Globalization;

namespace Sightline.Augment;

/// <summary>Changes a picture in place.</summary>
/// <param name="image">width x height x 3 bytes, R G B.</param>
/// <param name="magnitude">In the operator's own unit; without meaning where it has no strength.</param>
/// <param name="scratch">Buffers and fill.</param>
/// <param name="random">Where something besides the magnitude is random: where a crop or an erased rectangle lies.</param>
internal delegate void OperatorAction(Span<byte> image, int width, int height, double magnitude, OperatorScratch scratch, ref RandomStream random);

/// <summary>One operator: its name, its range and what it does.</summary>
internal sealed record ImageOperator
{
    /// <summary>As written in settings.</summary>
    public required string Name { get; init; }

    /// <summary>Geometric, colour or erasing.</summary>
    public required string Family { get; init; }

    /// <summary>The magnitude at strength 0 and 1, in <see cref="Unit"/>; null where there is no strength: the operator is applied or not.</summary>
    public (double Weakest, double Strongest)? Range { get; init; }

    /// <summary>What the magnitude counts, for people.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Whether the other direction is as likely: the sign of the magnitude is drawn.</summary>
    public bool IsSigned { get; init; }

    /// <summary>Whether the magnitude is a share of the picture's side, which is multiplied in before the action.</summary>
    public bool IsShareOfSide { get; init; }

    /// <summary>Applies it.</summary>
    public required OperatorAction Apply { get; init; }

    /// <summary>The magnitude in the operator's unit, as people read it.</summary>
    /// <param name="strength">0 to 1.</param>
    public double Value(double strength) => Range is var (weakest, strongest) ? weakest + ((strongest - weakest) * strength) : 0;

    /// <summary>The magnitude as <see cref="Apply"/> takes it, without a sign.</summary>
    /// <param name="strength">0 to 1.</param>
    /// <param name="side">Side of the picture, pixels.</param>
    public double Magnitude(double strength, int side) => Value(strength) * (IsShareOfSide ? side : 1);

    /// <summary>Value and unit, as people read them.</summary>
    public string Describe(double strength) => Range is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{(IsSigned ? "±" : "")}{Value(strength):0.###}{(Unit.Length > 0 ? " " : "")}{Unit}");
}
