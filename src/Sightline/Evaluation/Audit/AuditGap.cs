namespace Sightline.Evaluation.Audit;

/// <summary>How a run does on the audited pictures as they are.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="TrainAccuracy">Accuracy on training pictures, 0..1.</param>
/// <param name="ValidationAccuracy">Accuracy on validation pictures, 0..1.</param>
public sealed record AuditGap(string Run, double TrainAccuracy, double ValidationAccuracy)
{
    /// <summary>Training accuracy less validation accuracy.</summary>
    public double Gap => TrainAccuracy - ValidationAccuracy;
}
