using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Mercato.Providers;

/// <summary>
/// The only place that makes outbound connections. It judges the very address that the socket will use, after name
/// resolution, so neither spelling, redirect nor rebinding leads into private space.
/// </summary>
public sealed class Egress : IDisposable
{
    private readonly HttpClient _public = Build(allowPrivate: false);
    private readonly HttpClient _private = Build(allowPrivate: true);

    /// <summary>A client for hosts that an operator made.</summary>
    /// <param name="allowPrivate">True only for a row that an operator marked so, such as an Ollama at home.</param>
    public HttpClient To(bool allowPrivate) => allowPrivate ? _private : _public;

    public void Dispose()
    {
        _public.Dispose();
        _private.Dispose();
    }

    [SuppressMessage("ApiDesign", "RS0030", Justification = "This is the guarded factory that the ban points to.")]
    private static HttpClient Build(bool allowPrivate)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // Nothing is read on after a cancel: the host must see the connection close at once.
            ResponseDrainTimeout = TimeSpan.Zero,
            MaxResponseHeadersLength = 64,
            ConnectCallback = (context, cancellationToken) =>
                ConnectAsync(context.DnsEndPoint, allowPrivate, cancellationToken),
        };
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("mercato", "0.1"));
        return client;
    }

    private static async ValueTask<Stream> ConnectAsync(
        DnsEndPoint target, bool allowPrivate, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(target.Host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(target.Host, cancellationToken);
        // One private answer among public ones is how a name is turned against us, so one is enough to refuse.
        if (addresses.Length == 0 || (!allowPrivate && !addresses.All(PublicAddress.Is)))
        {
            throw new EgressRefusedException(target.Host);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The address is not one that this caller may reach. The message tells nothing about what is there.</summary>
public sealed class EgressRefusedException(string host)
    : IOException($"{host} is not a public address. An administrator can allow private addresses for a provider "
        + "with allow_private.");
