using Amazon;
using Amazon.EC2;
using Amazon.Runtime;

namespace Sightline.Clouds;

/// <summary>One client of EC2 per region, all over one HTTP client, none with second tries of its own.</summary>
/// <param name="http">Sends; not disposed.</param>
/// <param name="address">An address other than Amazon's; null takes theirs.</param>
/// <param name="credentials">Reads the keys, when first needed.</param>
internal sealed class AwsClients(HttpClient http, Uri? address, Func<AWSCredentials> credentials) : IDisposable
{
    private readonly Dictionary<string, AmazonEC2Client> _clients = [];
    private readonly Lock _lock = new();

    /// <summary>The client of a region.</summary>
    public AmazonEC2Client Get(string region)
    {
        lock (_lock)
        {
            if (!_clients.TryGetValue(region, out var client))
            {
                var config = new AmazonEC2Config { MaxErrorRetry = 0, HttpClientFactory = new Factory(http), AuthenticationRegion = region };
                if (address is null)
                {
                    config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
                }
                else
                {
                    config.ServiceURL = address.ToString();
                }

                client = new AmazonEC2Client(credentials(), config);
                _clients[region] = client;
            }

            return client;
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private sealed class Factory(HttpClient http) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => http;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
