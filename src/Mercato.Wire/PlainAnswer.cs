using System.Text;
using System.Text.Json;

namespace Mercato.Wire;

/// <summary>What whole answers of every kind have in common.</summary>
internal static class PlainAnswer
{
    /// <summary>The object that a 200 body holds, or the failure that it is instead.</summary>
    public static (JsonElement Root, UpstreamError? Error) Open(ReadOnlyMemory<byte> body)
    {
        if (JsonText.ParseElement(body.Span) is not { ValueKind: JsonValueKind.Object } root)
        {
            return (default, UpstreamError.Of(UpstreamErrorKind.NotJson, body.IsEmpty
                ? "The host answered 200 with an empty body." : "The host answered 200 with a body that is not JSON."));
        }

        return root.Find("error") is { } error
            ? (root, UpstreamError.ReadInBand(Encoding.UTF8.GetBytes(error.ToRaw())))
            : (root, null);
    }
}
