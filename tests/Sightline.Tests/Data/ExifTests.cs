using Sightline.Data;
using Xunit;

namespace Sightline.Tests.Data;

/// <summary>Segments as Pillow 9.4 writes them (<c>Image.Exif</c> with tags 0x0112 and, below 0x8769, 0x9003), in either byte order.</summary>
public class ExifTests
{
    internal const string LittleEndian =
        "/+EAVEV4aWYAAElJKgAIAAAAAgASAQMAAQAAAAYAAABphwQAAQAAACYAAAAAAAAAAQADkAIAFAAAADgAAAAAAAAAMjAyMzowNzowOSAxODowNTowMwA=";

    private const string BigEndian =
        "/+EAVEV4aWYAAE1NACoAAAAIAAIBEgADAAAAAQAGAACHaQAEAAAAAQAAACYAAAAAAAGQAwACAAAAFAAAADgAAAAAMjAyMzowNzowOSAxODowNTowMwA=";

    [Theory]
    [InlineData(LittleEndian)]
    [InlineData(BigEndian)]
    public void Orientation_and_time_are_read_in_either_byte_order(string segment)
    {
        var file = File(segment);

        Assert.Equal(6, Exif.Orientation(file));
        Assert.Equal(new DateTimeOffset(2023, 7, 9, 18, 5, 3, TimeSpan.Zero), Exif.Time(file));
    }

    [Fact]
    public void Fill_bytes_before_a_marker_are_passed_over()
    {
        byte[] file = [0xFF, 0xD8, 0xFF, 0xFF, .. Convert.FromBase64String(LittleEndian), 0xFF, 0xDA, 0, 0];

        Assert.Equal(6, Exif.Orientation(file));
        Assert.NotNull(Exif.Time(file));
    }

    [Fact]
    public void Data_cut_anywhere_or_pointing_out_of_the_file_say_nothing()
    {
        var whole = File(BigEndian);
        for (var length = 2; length < whole.Length - 4; length++)
        {
            Assert.Equal(1, Exif.Orientation(whole.AsSpan(0, length)));
            Assert.Null(Exif.Time(whole.AsSpan(0, length)));
        }

        var tiff = 12; // SOI, marker, length, "Exif" and two zeros.
        whole.AsSpan(tiff + 4, 4).Fill(0xFF); // The first directory's place.
        Assert.Equal((1, null), (Exif.Orientation(whole), Exif.Time(whole)));
    }

    private static byte[] File(string segment) => [0xFF, 0xD8, .. Convert.FromBase64String(segment), 0xFF, 0xDA, 0, 0];
}
