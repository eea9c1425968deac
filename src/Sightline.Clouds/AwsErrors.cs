using Amazon.Runtime;
using Sightline.Compute.Leases;

namespace Sightline.Clouds;

/// <summary>What EC2's error codes mean for a lease.</summary>
/// <remarks>AWS documentation, "Error codes for the Amazon EC2 API".</remarks>
internal static class AwsErrors
{
    /// <summary>Whether only the rate of requests was refused, so that nothing was done.</summary>
    public static bool IsRateLimit(AmazonServiceException error) => (int)error.StatusCode == 429
        || error.ErrorCode is "RequestLimitExceeded" or "Throttling" or "ThrottlingException" or "RequestThrottled" or "EC2ThrottledException";

    /// <summary>Whether it may pass, and may have been done.</summary>
    public static bool IsPassing(AmazonServiceException error) => Kind(error) == LeaseTrouble.Unanswered;

    /// <summary>The kind of trouble.</summary>
    public static LeaseTrouble Kind(AmazonServiceException error) => error.ErrorCode switch
    {
        "InsufficientInstanceCapacity" or "InsufficientHostCapacity" or "InsufficientCapacity" or "InsufficientReservedInstanceCapacity" or "UnfulfillableCapacity" => LeaseTrouble.Capacity,
        "VcpuLimitExceeded" or "InstanceLimitExceeded" or "MaxSpotInstanceCountExceeded" or "MaxSpotFleetRequestCountExceeded" or "PendingVerification" => LeaseTrouble.Quota,
        "SpotMaxPriceTooLow" => LeaseTrouble.PriceRose,
        "AuthFailure" or "UnauthorizedOperation" or "InvalidClientTokenId" or "SignatureDoesNotMatch" or "ExpiredToken" or "RequestExpired" or "OptInRequired" or "MissingAuthenticationToken" or "Blocked" => LeaseTrouble.Credentials,
        _ => (int)error.StatusCode is 0 or >= 500 ? LeaseTrouble.Unanswered : LeaseTrouble.Refused,
    };
}
