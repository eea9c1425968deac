namespace Sightline.Compute.Leases;

/// <summary>One line of a lease's journal.</summary>
/// <param name="LeaseId">The lease.</param>
/// <param name="Number">1 for its first.</param>
/// <param name="At">When.</param>
/// <param name="Kind">One word: requested, intent, created, refused, unanswered, adopted, ready, running, warning, draining, end, gone, ended, lost, extended, trouble, told.</param>
/// <param name="Message">What happened, in words. No secrets.</param>
internal sealed record LeaseEvent(string LeaseId, long Number, DateTimeOffset At, string Kind, string Message);
