namespace Sightline.Data;

/// <summary>Opens labelled image data sets.</summary>
public static class ImageDatasets
{
    /// <summary>Opens a folder of IDX files (<c>train-images-idx3-ubyte</c> and so on, with or without <c>.gz</c>).</summary>
    /// <param name="location">The folder.</param>
    /// <param name="split">How missing splits are made.</param>
    /// <exception cref="NotFoundException">The folder does not exist.</exception>
    /// <exception cref="DataException">The data cannot be used; the message says why and what to do.</exception>
    /// <exception cref="SettingsException">A share is out of its range.</exception>
    public static ImageDataset Open(string location, SplitOptions split)
    {
        if (!Directory.Exists(location))
        {
            throw new NotFoundException($"The data set '{location}' is not there. Pass the path of a folder.");
        }

        return IdxReader.Open(location, split);
    }
}
