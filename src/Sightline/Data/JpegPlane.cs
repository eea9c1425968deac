namespace Sightline.Data;

/// <summary>The samples of one colour component of a JPEG.</summary>
internal sealed class JpegPlane
{
    private byte[] _samples = [];

    /// <summary>Samples of the component in a row, without the padding to whole blocks.</summary>
    public int Width { get; private set; }

    /// <summary>Rows, without the padding.</summary>
    public int Height { get; private set; }

    /// <summary>Bytes from one row to the next.</summary>
    public int Stride { get; private set; }

    /// <summary>Whether it has half the picture's columns.</summary>
    public bool HalvesWidth { get; private set; }

    /// <summary>Whether it has half the picture's rows.</summary>
    public bool HalvesHeight { get; private set; }

    public int BlocksAcross { get; private set; }

    public int BlocksDown { get; private set; }

    // From the frame header.
    public int Id { get; set; }

    public int Horizontal { get; set; }

    public int Vertical { get; set; }

    public int Quantisation { get; set; }

    // From the scan header.
    public int DcTable { get; set; }

    public int AcTable { get; set; }

    /// <summary>Last DC value; the next one is coded as the difference.</summary>
    public int Predictor { get; set; }

    /// <summary>Lays the plane out for a picture.</summary>
    public void Prepare(int width, int height, int maxHorizontal, int maxVertical, int unitsAcross, int unitsDown)
    {
        HalvesWidth = Horizontal != maxHorizontal;
        HalvesHeight = Vertical != maxVertical;
        Width = ((width * Horizontal) + maxHorizontal - 1) / maxHorizontal;
        Height = ((height * Vertical) + maxVertical - 1) / maxVertical;
        BlocksAcross = unitsAcross * Horizontal;
        BlocksDown = unitsDown * Vertical;
        Stride = BlocksAcross * 8;
        // Vectors may read past the last sample.
        var length = (Stride * BlocksDown * 8) + 64;
        if (_samples.Length < length)
        {
            _samples = GC.AllocateUninitializedArray<byte>(length);
        }
    }

    public ReadOnlySpan<byte> Row(int y) => _samples.AsSpan(y * Stride);

    public ref byte Block(int column, int row) => ref _samples[(row * 8 * Stride) + (column * 8)];
}
