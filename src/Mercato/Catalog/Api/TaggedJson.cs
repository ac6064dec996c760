using System.Security.Cryptography;
using System.Text.Json;
using Mercato.Hosting;

namespace Mercato.Catalog.Api;

/// <summary>A JSON answer with an entity tag over its bytes; a caller that has them already gets 304.</summary>
internal sealed class TaggedJson<T>(T value) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, Json.Options);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 16))}\"";
        var response = httpContext.Response;
        response.Headers.ETag = tag;
        // What is ready depends on the caller, so shared caches keep nothing.
        response.Headers.CacheControl = "private, no-cache";
        var known = httpContext.Request.Headers.IfNoneMatch;
        if (known.Any(tags => tags is not null && tags.Contains(tag, StringComparison.Ordinal)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }
}
