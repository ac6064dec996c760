using System.Diagnostics.CodeAnalysis;

namespace Mercato.FakeUpstream;

/// <summary>Clients of the tests. They reach loopback only, so they may do without the product's egress guard.</summary>
public static class Loopback
{
    [SuppressMessage("ApiDesign", "RS0030", Justification = "A test's client, on loopback, that must not be guarded.")]
    public static HttpClient Client(string address) => new() { BaseAddress = new Uri(address) };
}
