namespace Sightline.Studio.Access;

/// <summary>Someone who is let in.</summary>
/// <param name="Number">Counts from 1; for the list of sessions.</param>
/// <param name="Role">What they may do.</param>
/// <param name="FormToken">Must come with every change, so that another site cannot make one.</param>
/// <param name="Since">When they came.</param>
internal sealed record Session(int Number, Role Role, string FormToken, DateTimeOffset Since);
