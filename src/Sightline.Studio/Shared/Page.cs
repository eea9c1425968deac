namespace Sightline.Studio.Shared;

/// <summary>What is common to all pages.</summary>
/// <param name="Title">Of the window.</param>
/// <param name="Place">Which entry of the menu it belongs to, such as <c>/runs</c>.</param>
/// <param name="Commands">What does the same in a terminal.</param>
internal sealed record Page(string Title, string Place, params IReadOnlyList<string> Commands);
