namespace Sightline.Data.Import;

/// <summary>Reads one kind of source. A new kind is one file and one line in <see cref="Importers.All"/>.</summary>
internal interface IImporter
{
    /// <summary>Its name, as shown and stored: <c>folders</c>, <c>csv</c> …</summary>
    string Name { get; }

    /// <summary>What it expects, for the list of known formats.</summary>
    string Expects { get; }

    /// <summary>Whether the source is of this kind, told by names and first bytes only. Called in the order of <see cref="Importers.All"/>.</summary>
    /// <param name="path">An existing file or folder.</param>
    bool Recognises(string path);

    /// <summary>Reads the source. Files are named, not opened, where they are pictures; the caller checks them.</summary>
    /// <exception cref="DataException">The source is of this kind but not in order; the message says where.</exception>
    ImportDraft Read(ImportContext context);
}
