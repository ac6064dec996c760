using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;

namespace Mercato.Fake;

/// <summary>HTTP clients for tests. They follow no redirect, use no proxy, keep no cookie.</summary>
public static class Loopback
{
    /// <summary>A client whose relative addresses (<c>chat/completions</c>) start at the address given.</summary>
    [SuppressMessage(
        "ApiDesign",
        "RS0030:Do not use banned APIs",
        Justification = "The ban guards the product's way out; a test is the caller and talks to loopback only.")]
    public static HttpClient Client(Uri address, string? key = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            // By default an abandoned answer is read on for up to two seconds before the connection is closed.
            ResponseDrainTimeout = TimeSpan.Zero,
        };
        var client = new HttpClient(handler) { BaseAddress = new Uri(address.AbsoluteUri.TrimEnd('/') + "/") };
        client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return client;
    }
}
