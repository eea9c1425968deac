namespace Sightline.Cli.Datasets;

/// <summary>How many pictures of a class each split has.</summary>
internal sealed record ClassCounts(string Name, int Train, int Validation, int Test, int Unassigned, int Excluded);
