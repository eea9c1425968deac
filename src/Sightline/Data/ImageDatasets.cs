using Sightline.Data.Store;

namespace Sightline.Data;

/// <summary>Opens labelled image data sets.</summary>
public static class ImageDatasets
{
    private static readonly string[] Archives = [".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst"];

    /// <summary>
    /// Opens a folder: a tree of class folders (<c>class/picture.jpg</c>, or <c>train/class/…</c> with <c>val/</c> and <c>test/</c> beside it), or
    /// IDX files (<c>train-images-idx3-ubyte</c> and so on, with or without <c>.gz</c>), or a version of a <see cref="DatasetStore"/>.
    /// </summary>
    /// <param name="location">The folder.</param>
    /// <param name="split">How missing splits are made: each class is divided by itself, by the seed.</param>
    /// <returns>
    /// The data set. JPEG, PNG, WebP, BMP and GIF (first frame) are read; every file has been decoded once, files that cannot be are
    /// listed in its notices and left out.
    /// </returns>
    /// <remarks>The results of decoding are kept in the cache folder, so that a second opening reads no picture.</remarks>
    /// <exception cref="NotFoundException">The folder does not exist.</exception>
    /// <exception cref="DataException">The data cannot be used; the message says why and what to do.</exception>
    /// <exception cref="SettingsException">A share is out of its range.</exception>
    public static ImageDataset Open(string location, SplitOptions split)
    {
        ArgumentException.ThrowIfNullOrEmpty(location);
        if (File.Exists(location))
        {
            throw new DataException(Archives.Contains(Path.GetExtension(location), StringComparer.OrdinalIgnoreCase)
                ? $"'{location}' is an archive; a folder is expected. Import it with 'sightline data import {location} --name NAME', or unpack it and pass the folder."
                : $"'{location}' is a file; a folder is expected. Pass the folder that holds the class folders or the IDX files.");
        }

        if (!Directory.Exists(location))
        {
            throw new NotFoundException($"The data set '{location}' is not there. Check the path; it must be a folder.");
        }

        if (StoredVersionReader.Recognises(location))
        {
            return StoredVersionReader.Open(location, split);
        }

        return IdxReader.Recognises(location) ? IdxReader.Open(location, split) : FolderReader.Open(location, split);
    }
}
