using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sightline.Studio.Access;

namespace Sightline.Studio.Shared;

/// <summary>How pages name what they answer; each change says which role it needs.</summary>
internal sealed class Endpoints(IEndpointRouteBuilder routes)
{
    /// <summary>A page or a part of one; for every role.</summary>
    public void Get(string pattern, RequestDelegate answer) => routes.MapMethods(pattern, ["GET", "HEAD"], answer);

    /// <summary>A change.</summary>
    public void Post(string pattern, Role role, RequestDelegate answer, params object[] marks) =>
        routes.MapMethods(pattern, ["POST"], answer).WithMetadata([new RequiredRole(role), .. marks]);

    /// <summary>For everyone, without a session.</summary>
    public void Public(string method, string pattern, RequestDelegate answer) => routes.MapMethods(pattern, [method], answer).WithMetadata(new IsPublic());
}
