using PublicApiGenerator;
using Xunit;

namespace Sightline.App.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void Library_public_api_is_the_approved_one()
    {
        var options = new ApiGeneratorOptions { IncludeAssemblyAttributes = false };

        var api = typeof(SightlineException).Assembly.GeneratePublicApi(options);

        Approved.Match("api.Sightline", api);
    }
}
