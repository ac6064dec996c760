using System.Text;

namespace Mercato.Wire.Tests.Embeddings;

/// <summary>A request for vectors in a test, from the caller's text to the host's, and the answer back.</summary>
internal static class Vectors
{
    public static EmbeddingReading Read(string body) =>
        Dialects.Embeddings.OpenAiEmbeddings.ReadRequest(Encoding.UTF8.GetBytes(body));

    public static string Write(
        IEmbeddingHost host, string body, out IReadOnlyList<string> dropped, HostQuirks? quirks = null,
        bool removesExtensions = true)
    {
        var reading = Read(body);
        reading.Refusal.ShouldBeNull();
        var written = host.Write(reading.Facts!, reading.Request!,
            new RequestEdits("hosts-name", quirks ?? new HostQuirks(), null, removesExtensions, "here"));
        dropped = written.Dropped;
        return Encoding.UTF8.GetString(written.Body.Span);
    }

    public static string Write(IEmbeddingHost host, string body, HostQuirks? quirks = null) =>
        Write(host, body, out _, quirks);

    /// <summary>The answer as the caller gets it, or the kind of failure and its words.</summary>
    public static string Answer(IEmbeddingHost host, string request, string body) =>
        Answer(host, request, Encoding.UTF8.GetBytes(body));

    public static string Answer(IEmbeddingHost host, string request, byte[] body)
    {
        var answer = host.Read(body);
        var (written, error) = answer.Error is { } failed
            ? (null, failed)
            : Dialects.Embeddings.OpenAiEmbeddings.WriteAnswer(Read(request).Request!, answer, "author/name");
        return error is null ? Encoding.UTF8.GetString(written!) : $"{error.Kind}: {error.Message}";
    }

    public static string Usage(IEmbeddingHost host, string body) =>
        host.Read(Encoding.UTF8.GetBytes(body)).Usage is { } usage ? Upstream.Tell(usage) : "none";
}
