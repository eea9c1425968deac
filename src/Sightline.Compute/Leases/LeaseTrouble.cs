namespace Sightline.Compute.Leases;

/// <summary>Why a provider did not do what it was asked; it decides what the controller does next.</summary>
public enum LeaseTrouble
{
    /// <summary>No machine of this kind is free. The next offer is tried.</summary>
    Capacity,
    /// <summary>The price is now above the highest one allowed. The next offer is tried.</summary>
    PriceRose,
    /// <summary>The account may not have so many machines of this kind. The next provider is tried.</summary>
    Quota,
    /// <summary>The key is missing, wrong or lacks a right. The next provider is tried.</summary>
    Credentials,
    /// <summary>The provider refused for another reason. The next offer is tried.</summary>
    Refused,
    /// <summary>No answer came, or none that can be read: the machine may exist. The provider's list is read before anything else.</summary>
    Unanswered,
    /// <summary>The request failed and yet left a machine, which <see cref="LeaseException.MachineId"/> names. It is ended first.</summary>
    FailedAfterCreate,
}
