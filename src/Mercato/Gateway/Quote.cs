using System.Text.Json;
using Mercato.Accounts;
using Mercato.Catalog;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Ledger;
using Mercato.Wire;
using Mercato.Wire.Dialects.Anthropic;
using Mercato.Wire.Dialects.OpenAiChat;
using Mercato.Wire.Dialects.OpenAiResponses;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>One offer that a call could go to.</summary>
/// <param name="Model">The model's id.</param>
/// <param name="Provider">The host.</param>
/// <param name="IsByok">Whether the caller's own key would be used.</param>
/// <param name="Reason">Why it stands where it stands.</param>
/// <param name="PriceVersion">The price in force; null when only an own key makes it callable.</param>
/// <param name="EstimatedCost">USD for the counted input and the expected output.</param>
/// <param name="MaxCost">USD at most: what would be held.</param>
public sealed record QuotedCandidate(
    string Model, string Provider, bool IsByok, string Reason, string? PriceVersion, string EstimatedCost, string MaxCost);

/// <summary>What a call would meet, were it made now.</summary>
/// <param name="Candidates">The offers in the order in which they would be tried.</param>
/// <param name="InputTokens">The input as we count it, a token for four bytes.</param>
/// <param name="ExpectedOutputTokens">The output that the estimate assumes.</param>
/// <param name="EstimatedCost">USD on the first candidate.</param>
/// <param name="MaxCost">USD that would be held.</param>
/// <param name="WouldBeRefused">The error's code, were it refused for money; null when it would go through.</param>
public sealed record QuoteView(
    IReadOnlyList<QuotedCandidate> Candidates, long InputTokens, long ExpectedOutputTokens, string EstimatedCost,
    string MaxCost, string? WouldBeRefused);

/// <summary>`POST /api/v1/quote`: takes the body of any inference endpoint; nothing is called or charged.</summary>
internal sealed class Quote(
    Routing routing, Admission admission, Ledger.Ledger ledger, Snapshot<CatalogSnapshot> catalog,
    IOptions<GatewayOptions> options)
{
    /// <summary>What a call without a limit of its own is expected to answer.</summary>
    private const long UsualOutput = 500;

    /// <summary>Tokens of a square picture of medium quality at OpenAI.</summary>
    private const long UsualPicture = 1_056;

    public static async Task<IResult> GetQuote(HttpContext http, CurrentAccount account, Quote quote)
    {
        var body = await RequestBody.ReadAsync(http, quote.MaxBody);
        if (!body.Succeeded)
        {
            return body.Refusal.ToResult();
        }

        var quoted = await quote.AskAsync(account.Require(), body.Value, http.RequestAborted);
        return quoted.Succeeded ? Results.Json(quoted.Value, Json.Options) : quoted.Refusal.ToResult();
    }

    private int MaxBody => options.Value.MaxBodyBytes;

    private async Task<Outcome<QuoteView>> AskAsync(Caller caller, byte[] body, CancellationToken cancellationToken)
    {
        var dialect = Guess(body);
        var reading = ReadWork(body) ?? Read(dialect.ReadRequest(body));
        if (reading.Facts is not { } facts)
        {
            return new Refusal(400, reading.Refusal!.Code, reading.Refusal.Message) { Param = reading.Refusal.Param };
        }

        var call = new GatewayCall(caller, dialect, facts, NoSink.Instance) { Work = reading.Work };
        var routed = routing.Route(call);
        if (!routed.Succeeded)
        {
            return routed.Refusal;
        }

        var candidates = routed.Value;
        var ceiling = admission.Ceiling(call, candidates);
        var input = Settling.CountInput(facts);
        var isPicture = call.Kind == ModelKind.Image;
        var output = Math.Min(facts.OutputLimit ?? (isPicture ? UsualPicture : UsualOutput), ceiling.OutputTokens);
        var usage = isPicture
            ? new Usage { InputUncached = input, Images = output * facts.Choices }
            : new Usage { InputUncached = input, OutputText = output * facts.Choices };
        var quoted = candidates.Select(candidate => QuoteOf(call, candidate, usage, ceiling)).ToList();
        var most = Admission.Bound(candidates, ceiling);
        var wallet = await ledger.GetWalletAsync(caller.AccountId, cancellationToken);
        var isShort = most > wallet.Available && facts.OutputLimit is not null && !candidates.Any(candidate => candidate.IsByok);
        return new QuoteView(
            quoted, input, output, quoted[0].EstimatedCost, most.ToString(), isShort ? "insufficient_credits" : null);
    }

    private static QuotedCandidate QuoteOf(GatewayCall call, Candidate candidate, Usage usage, CallCeiling ceiling)
    {
        var isPaid = !candidate.IsByok && candidate.Price is not null;
        return new QuotedCandidate(
            candidate.Model, candidate.Host.Id, candidate.IsByok, candidate.Reason, candidate.Price?.Id,
            isPaid ? Settling.Charge(call, candidate, candidate.Price!, usage).Total.ToString() : "0",
            isPaid ? Pricing.UpperBound(candidate.Price!, ceiling, candidate.MarkupBps).ToString() : "0");
    }

    private static PlainReading Read(RequestReading chat) => new(chat.Facts, null, chat.Refusal);

    /// <summary>A body that is no chat: only one for pictures has `prompt`, and `input` is meant for vectors when the
    /// model makes them.</summary>
    private PlainReading? ReadWork(byte[] body)
    {
        if (JsonMembers.Read(body) is not { } members || members.Find("messages") is not null)
        {
            return null;
        }

        if (members.Find("input") is null)
        {
            return members.Find("prompt") is null ? null : Images.Read(body, options.Value);
        }

        var model = JsonElement.Parse(body).FindText("model");
        var makesVectors = members.Find("encoding_format") is not null
            || (model is not null && catalog.Current.Resolve(model) is ModelResolution { Model.Kind: ModelKind.Embedding });
        return makesVectors ? Embeddings.Read(body) : null;
    }

    /// <summary>Responses has `input`; Messages puts `system` at the top or its own blocks into messages.</summary>
    private static IClientDialect Guess(byte[] body)
    {
        var members = JsonMembers.Read(body);
        return members?.Find("input") is not null ? OpenAiResponsesDialect.Instance
            : members?.Find("system") is not null || members?.Find("stop_sequences") is not null
                || members?.Find("thinking") is not null ? AnthropicDialect.Instance
            : OpenAiChatDialect.Instance;
    }

    /// <summary>A quote answers nobody but its own caller.</summary>
    private sealed class NoSink : IAnswerSink
    {
        public static NoSink Instance { get; } = new();

        public CancellationToken Gone => CancellationToken.None;

        public bool HasStarted => false;

        public void SetHeader(string name, string value)
        {
        }

        public void Start(int status, string contentType)
        {
        }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => ValueTask.CompletedTask;

        public ValueTask FlushAsync() => ValueTask.CompletedTask;
    }
}
