using Mercato.Accounts;
using Mercato.Wire.Dialects.Embeddings;

namespace Mercato.Gateway;

/// <summary>`POST /v1/embeddings` and `/api/v1/embeddings`.</summary>
internal static class Embeddings
{
    public static Task CreateEmbedding(HttpContext http, CurrentAccount account, CallIntake intake) =>
        intake.ServeAsync(http, account, body => Read(body));

    public static PlainReading Read(byte[] body)
    {
        var reading = OpenAiEmbeddings.ReadRequest(body);
        return new PlainReading(
            reading.Facts, reading.Facts is { } facts ? new EmbeddingWork(facts, reading.Request!) : null, reading.Refusal);
    }
}
