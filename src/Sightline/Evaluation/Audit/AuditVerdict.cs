namespace Sightline.Evaluation.Audit;

/// <summary>What an audit says of an operator at a strength.</summary>
public enum AuditVerdict
{
    /// <summary>The model's answer hardly moves: nothing to learn from it.</summary>
    NoEffect,

    /// <summary>The class survives, and the model's answer moves: worth training with.</summary>
    Useful,

    /// <summary>It destroys what the class depends on.</summary>
    TooStrong,
}
