using Sightline.Training;

namespace Sightline.Studio.Train;

/// <summary>Settings as a person gave them.</summary>
/// <param name="Preset">A recipe to begin with; null for the defaults.</param>
/// <param name="IsPretrained">Whether to start from the model's published weights.</param>
/// <param name="Values">Values by the setting's dotted name, each with the option of <c>train</c> that it stands for; later ones win.</param>
/// <param name="Pairs">More, as <c>KEY=VALUE</c>.</param>
internal sealed record SettingsRequest(string? Preset, bool IsPretrained, IReadOnlyList<(string Key, string Text, string Option)> Values, IReadOnlyList<string> Pairs);

/// <summary>Settings, all within their ranges.</summary>
/// <param name="Options">The settings.</param>
/// <param name="IsBatchGiven">Whether the batch's size was given; the default shrinks to small data.</param>
internal sealed record SettingsAnswer(TrainOptions Options, bool IsBatchGiven);

/// <summary>Reads settings in the way of <c>train</c>.</summary>
/// <exception cref="SettingsException">One cannot be used; the message says which, one line each.</exception>
internal delegate SettingsAnswer ReadSettings(SettingsRequest request);
