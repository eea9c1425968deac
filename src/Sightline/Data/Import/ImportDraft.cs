namespace Sightline.Data.Import;

/// <summary>What an importer makes of a source.</summary>
/// <param name="Images">The pictures, in any order.</param>
/// <param name="Classes">The classes where the source gives them an order; null for the ordinal order of those seen.</param>
internal sealed record ImportDraft(IReadOnlyList<ImportedImage> Images, IReadOnlyList<string>? Classes = null);
