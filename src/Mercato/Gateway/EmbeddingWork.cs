using Mercato.Catalog;
using Mercato.Hosting;
using Mercato.Providers;
using Mercato.Wire;
using Mercato.Wire.Dialects.Embeddings;

namespace Mercato.Gateway;

/// <summary>Makes vectors of texts.</summary>
internal sealed class EmbeddingWork(RequestFacts facts, EmbeddingRequest request) : IPlainWork
{
    /// <summary>Tokens that a model puts around a text.</summary>
    private const int TokensAround = 16;

    public ModelKind Kind => ModelKind.Embedding;

    public string Format => "openai-embeddings";

    public Refusal? FindRefusal(Candidate candidate) =>
        request.HasTokens && !HostOf(candidate).TakesTokens
            ? Refusal.Invalid("input", "This model's hosts take text only, not tokens: send `input` as strings.") with
            {
                Name = "unsupported_value",
            }
            : null;

    /// <summary>A token is at least a byte of its text, and no host reads more of a text than the model's
    /// context.</summary>
    public CallCeiling Ceiling(IReadOnlyList<Candidate> candidates)
    {
        var bytes = facts.Input.TextBytes + ((long)TokensAround * request.Inputs.Count);
        var context = candidates.Max(candidate => candidate.Offer?.ContextWindow
            ?? candidate.CatalogModel?.ContextWindow ?? int.MaxValue);
        var read = (long)context * request.Inputs.Count;
        return new CallCeiling(Math.Min(Math.Min(bytes, read), Pricing.CountLimit - 1), OutputTokens: 0);
    }

    public (HostRequest Request, IReadOnlyList<string> Dropped) Write(Candidate candidate)
    {
        var host = HostOf(candidate);
        var written = host.Write(facts, request, candidate.Edits());
        return (new HostRequest(host.PathOf(candidate.UpstreamModel), written.Body), written.Dropped);
    }

    public PumpResult Read(Candidate candidate, byte[] body, Received received)
    {
        var answer = HostOf(candidate).Read(body);
        var written = answer.Error is { } error
            ? (Body: null, Error: error)
            : OpenAiEmbeddings.WriteAnswer(request, answer, candidate.Model);
        received.Take(answer with { Error = written.Error });
        return written.Error is { } failure
            ? new PumpResult(AnswerEnd.Failed, failure)
            : new PumpResult(AnswerEnd.Complete) { Body = written.Body };
    }

    public Bill Charge(PriceVersion price, Usage usage, int markupBps) => Pricing.Charge(price, usage, markupBps);

    private static IEmbeddingHost HostOf(Candidate candidate) =>
        WireFormats.Embeddings(candidate.Host.Provider.EmbeddingStyle);
}
