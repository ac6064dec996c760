using System.Text.Json;
using Mercato.Accounts;
using Mercato.Catalog;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Wire;
using Mercato.Wire.Dialects.Anthropic;
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
/// <param name="ExpectedOutputTokens">The output of each choice that the estimate assumes.</param>
/// <param name="MaxOutputTokens">The most that a choice may have, by the caller's limit, the model's or the
/// balance; null when nothing limits it.</param>
/// <param name="EstimatedCost">USD on the first candidate.</param>
/// <param name="MaxCost">USD that would be held.</param>
/// <param name="WouldBeRefused">The error's code, were it refused for money; null when it would go through.</param>
public sealed record QuoteView(
    IReadOnlyList<QuotedCandidate> Candidates, long InputTokens, long ExpectedOutputTokens, long? MaxOutputTokens,
    string EstimatedCost, string MaxCost, string? WouldBeRefused);

/// <summary>`POST /api/v1/quote`: takes the body of any inference endpoint; nothing is called or charged.</summary>
internal sealed class Quote(
    Routing routing, Admission admission, KeptResponses kept, Snapshot<CatalogSnapshot> catalog,
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

        var dialect = http.Request.Headers.ContainsKey("anthropic-version")
            ? AnthropicDialect.Instance
            : BodyDialect.Of(body.Value);
        var quoted = await quote.AskAsync(account.Require(), dialect, body.Value, http.RequestAborted);
        return quoted.Succeeded ? Results.Json(quoted.Value, Json.Options) : quoted.Refusal.ToResult();
    }

    private int MaxBody => options.Value.MaxBodyBytes;

    private async Task<Outcome<QuoteView>> AskAsync(
        Caller caller, IClientDialect dialect, byte[] body, CancellationToken cancellationToken)
    {
        var whole = await kept.ExpandAsync(caller.AccountId, dialect, body, cancellationToken);
        if (!whole.Succeeded)
        {
            return whole.Refusal;
        }

        var reading = ReadWork(whole.Value.Body) ?? Read(dialect.ReadRequest(whole.Value.Body));
        if (reading.Facts is not { } facts)
        {
            return new Refusal(400, reading.Refusal!.Code, reading.Refusal.Message) { Param = reading.Refusal.Param };
        }

        if (LocalModel.Is(facts.Model))
        {
            return OfLocalModel(facts);
        }

        var call = new GatewayCall(caller, dialect, facts, NoSink.Instance)
        {
            Work = reading.Work,
            Conversation = whole.Value.Conversation,
        };
        var routed = routing.Route(call);
        if (!routed.Succeeded)
        {
            return routed.Refusal;
        }

        var candidates = routed.Value.Take(GatewayPipeline.MaxAttempts).ToList();
        var hold = await admission.ForeseeAsync(call, candidates, cancellationToken);
        // Whom more money would not help is told what is wrong with the call.
        return hold.Refusal is { Status: 400 } refusal ? refusal : View(call, candidates, hold);
    }

    private static QuoteView View(GatewayCall call, List<Candidate> candidates, Hold hold)
    {
        var facts = call.Facts;
        var input = Settling.CountInput(facts);
        var isPicture = call.Kind == ModelKind.Image;
        var output = Math.Min(facts.OutputLimit ?? (isPicture ? UsualPicture : UsualOutput), hold.Ceiling.OutputTokens);
        var usage = isPicture
            ? new Usage { InputUncached = input, Images = output * facts.Choices }
            : new Usage { InputUncached = input, OutputText = output * facts.Choices };
        var quoted = candidates.Select(candidate => QuoteOf(call, candidate, usage, hold.Ceiling)).ToList();
        return new QuoteView(
            quoted, input, output, hold.Ceiling.OutputTokens, quoted[0].EstimatedCost, hold.Bound.ToString(),
            hold.Refusal?.Name.Replace('-', '_'));
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

    private static QuoteView OfLocalModel(RequestFacts facts) => new(
        [new QuotedCandidate(LocalModel.Id, "mercato", false, LocalModel.Reason, "local", "0", "0")],
        Settling.CountInput(facts), UsualOutput, null, "0", "0", null);

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
