using Mercato.Accounts;
using Mercato.Hosting;

namespace Mercato.Gateway;

/// <summary>The bytes of a request, up to the limit.</summary>
internal static class RequestBody
{
    public static async Task<Outcome<byte[]>> ReadAsync(HttpContext http, int limit)
    {
        if (http.Request.ContentLength > limit)
        {
            return TooLarge(limit);
        }

        if (http.Request.Headers.ContentEncoding.Count > 0)
        {
            return new Refusal(415, "unsupported-encoding", "Send the body without Content-Encoding.");
        }

        using var body = new MemoryStream((int)Math.Min(http.Request.ContentLength ?? 4096, limit));
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (body.Length + read.Buffer.Length > limit)
            {
                // The server reads the rest away, so that the client gets to reading the refusal.
                reader.AdvanceTo(read.Buffer.End);
                return TooLarge(limit);
            }

            foreach (var piece in read.Buffer)
            {
                body.Write(piece.Span);
            }

            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return body.ToArray();
            }
        }
    }

    private static Refusal TooLarge(int limit) =>
        new(413, "request-too-large", $"The body is larger than {limit >> 20} MiB.");
}
