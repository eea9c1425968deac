using Sightline.Data;

namespace Sightline.Runs;

/// <summary>A picture with the places that spoke for a class.</summary>
/// <param name="Name">The picture's name.</param>
/// <param name="TrueClass">The class it is labelled with.</param>
/// <param name="PredictedClass">The class the model takes it for.</param>
/// <param name="Probability">Probability of that class, 0..1.</param>
/// <param name="Picture">The picture as the model got it, at any size (reduced to 80 px).</param>
/// <param name="Heat">The same with what spoke for the predicted class on it.</param>
/// <param name="TrueHeat">The same with what spoke for the true class; null where the model is right.</param>
public sealed record RunReportExplanation(
    string Name, string TrueClass, string PredictedClass, double Probability, PixelImage Picture, PixelImage Heat, PixelImage? TrueHeat);
