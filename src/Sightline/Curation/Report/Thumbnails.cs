using Sightline.Data;
using Sightline.Runs.Report;

namespace Sightline.Curation.Report;

/// <summary>Pictures of a data set in the page; no more than its size allows.</summary>
internal sealed class Thumbnails(IImageSource images)
{
    // 150 pictures of noise, the worst case, are 4.2 MB in the page.
    private const int Most = 150;
    private const int Side = 84;

    private int _left = Most;

    /// <summary>Writes a picture, or a field that says that there is none.</summary>
    public void Write(Html html, int index, string text)
    {
        if (_left-- <= 0 || Decode(index) is not { } picture)
        {
            html.Markup("<div class=\"shot none\">not shown</div>");
            return;
        }

        var small = Math.Max(picture.Width, picture.Height) <= 64;
        html.Add($"<div class=\"shot{(small ? " small" : "")}\"><img src=\"{Thumbnail.DataUri(Thumbnail.Reduce(picture, Side))}\" alt=\"{text}\"/></div>");
    }

    private PixelImage? Decode(int index)
    {
        try
        {
            return images.Decode(index, Side);
        }
        catch (DataException)
        {
            return null;
        }
    }
}
