using System.Net.Http.Headers;
using Mercato.Data;
using Mercato.Wire;

namespace Mercato.Providers;

/// <summary>One request to a host.</summary>
/// <param name="Path">The operation under the host's address, such as `chat/completions`.</param>
/// <param name="Body">JSON.</param>
/// <param name="Headers">Headers beside the key.</param>
public sealed record HostRequest(
    string Path, ReadOnlyMemory<byte> Body, IReadOnlyDictionary<string, string>? Headers = null);

/// <summary>
/// Sends requests to hosts. Secrets are opened here, put on the request, and exist nowhere else: not in records, not
/// in logs, not in an address.
/// </summary>
public sealed class HostCalls(Egress egress, KeyRing keyRing)
{
    /// <summary>Sends a body and returns when the answer's headers are there; the caller disposes the answer.</summary>
    /// <param name="host">Where to.</param>
    /// <param name="ownKey">The user's own key; null to use the operator's.</param>
    /// <param name="call">What to send.</param>
    /// <param name="cancellationToken">Cancels the call; the host sees the connection close.</param>
    /// <exception cref="HttpRequestException">No answer: nothing there, a refused address, a broken connection.</exception>
    public Task<HttpResponseMessage> SendAsync(
        UpstreamHost host, ProviderKey? ownKey, HostRequest call, CancellationToken cancellationToken)
    {
        var content = new ReadOnlyMemoryContent(call.Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, host.Provider.AddressOf(call.Path)) { Content = content };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        foreach (var (name, value) in call.Headers ?? new Dictionary<string, string>())
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var secret = ownKey is null ? host.OperatorKey : keyRing.OpenText(OwnKeys.KeyUse, ownKey.SealedSecret);
        if (secret is not null)
        {
            Authorize(request.Headers, host.Provider.Auth, secret);
        }

        return egress.To(host.AllowPrivate)
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private static void Authorize(HttpRequestHeaders headers, AuthStyle style, string secret)
    {
        var (name, value) = style switch
        {
            AuthStyle.XApiKey => ("x-api-key", secret),
            AuthStyle.XGoogApiKey => ("x-goog-api-key", secret),
            AuthStyle.XKey => ("x-key", secret),
            AuthStyle.None => ("", ""),
            _ => ("Authorization", "Bearer " + secret),
        };
        if (name.Length > 0)
        {
            headers.TryAddWithoutValidation(name, value);
        }
    }
}
