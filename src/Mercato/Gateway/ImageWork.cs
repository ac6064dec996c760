using Mercato.Catalog;
using Mercato.Hosting;
using Mercato.Providers;
using Mercato.Wire;
using Mercato.Wire.Dialects.Images;

namespace Mercato.Gateway;

/// <summary>
/// Makes pictures. Where a picture has a price it is the whole price; elsewhere tokens are billed, as the host counts
/// them.
/// </summary>
internal sealed class ImageWork(RequestFacts facts, ImageRequest request, GatewayOptions options) : IPlainWork
{
    /// <summary>Tokens that a model puts around a prompt.</summary>
    private const int TokensAround = 64;

    private int _made = request.Count;

    public ModelKind Kind => ModelKind.Image;

    public string Format => "openai-images";

    public Refusal? FindRefusal(Candidate candidate) => null;

    /// <summary>No caller can limit the tokens of a picture, and no host tells how many there may be.</summary>
    public CallCeiling Ceiling(IReadOnlyList<Candidate> candidates)
    {
        var units = new UnitCounts(Images: request.Count);
        if (candidates.All(candidate => candidate.Price?.Base(PriceKind.Image) is not null))
        {
            return new CallCeiling(InputTokens: 0, OutputTokens: 0) { Units = units };
        }

        var input = Math.Min(facts.Input.TextBytes + TokensAround, Pricing.CountLimit - 1);
        return new CallCeiling(input, options.DefaultMaxOutput, request.Count, ImageOutput: true) { Units = units };
    }

    public (HostRequest Request, IReadOnlyList<string> Dropped) Write(Candidate candidate)
    {
        var written = OpenAiImages.Write(facts, candidate.Edits());
        return (new HostRequest(OpenAiImages.Path, written.Body), written.Dropped);
    }

    public PumpResult Read(Candidate candidate, byte[] body, Received received)
    {
        var answer = OpenAiImages.Read(body);
        received.Take(answer);
        _made = answer.Count;
        return answer.Error is { } error
            ? new PumpResult(AnswerEnd.Failed, error)
            : new PumpResult(AnswerEnd.Complete) { Body = body };
    }

    public Bill Charge(PriceVersion price, Usage usage, int markupBps) =>
        price.Base(PriceKind.Image) is not null
            ? Pricing.Charge(price, new Usage(), markupBps, new UnitCounts(Images: _made))
            : Pricing.Charge(price, usage, markupBps);
}
