namespace Sightline.Curation.Pictures;

/// <summary>The eight ways to lay a picture on its square: the dihedral group of mirrorings and quarter turns.</summary>
/// <remarks>Bit 2 exchanges rows and columns, then bit 0 mirrors left and right, then bit 1 mirrors top and bottom.</remarks>
public enum PictureTurn
{
    /// <summary>As it is.</summary>
    None = 0,

    /// <summary>Left and right exchanged.</summary>
    MirroredLeftRight = 1,

    /// <summary>Top and bottom exchanged.</summary>
    MirroredTopBottom = 2,

    /// <summary>Turned by 180 degrees.</summary>
    HalfTurn = 3,

    /// <summary>Rows and columns exchanged.</summary>
    Transposed = 4,

    /// <summary>Turned by 90 degrees, clockwise.</summary>
    QuarterTurnRight = 5,

    /// <summary>Turned by 90 degrees, anticlockwise.</summary>
    QuarterTurnLeft = 6,

    /// <summary>Rows and columns exchanged along the other diagonal.</summary>
    TransposedOther = 7,
}
