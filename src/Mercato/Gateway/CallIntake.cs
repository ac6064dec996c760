using Mercato.Accounts;
using Mercato.Gateway.Idempotency;
using Mercato.Hosting;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>A request that is no chat, as it was read: facts and work, or a refusal.</summary>
internal sealed record PlainReading(RequestFacts? Facts, IPlainWork? Work, RequestRefusal? Refusal);

/// <summary>Takes a call in, in whatever dialect its endpoint speaks, and has it answered.</summary>
internal sealed class CallIntake(
    GatewayPipeline pipeline, LocalModel local, KeptResponses kept, IdempotentCalls idempotent,
    IOptions<GatewayOptions> options)
{
    private const int MaxHeader = 200;
    private const int MaxBetas = 4096;

    public async Task ServeAsync(HttpContext http, CurrentAccount account, IClientDialect dialect)
    {
        var body = await RequestBody.ReadAsync(http, options.Value.MaxBodyBytes);
        await (body.Succeeded
            ? idempotent.ServeOnceAsync(http, account.Require().AccountId, body.Value,
                (sink, opId) => ServeAsync(http, account, dialect, body.Value, sink, opId))
            : body.Refusal.ToResult().ExecuteAsync(http));
    }

    private async Task<GatewayCall?> ServeAsync(
        HttpContext http, CurrentAccount account, IClientDialect dialect, byte[] asked, IAnswerSink sink, Guid opId)
    {
        var body = await kept.ExpandAsync(account.Require().AccountId, dialect, asked, http.RequestAborted);
        if (!body.Succeeded)
        {
            await body.Refusal.ToResult().ExecuteAsync(http);
            return null;
        }

        var reading = dialect.ReadRequest(body.Value.Body);
        if (reading.Facts is not { } facts)
        {
            await RefuseAsync(http, reading.Refusal!);
            return null;
        }

        var call = CallOf(http, account, dialect, facts, sink, opId, conversation: body.Value.Conversation);
        await (LocalModel.Is(facts.Model) ? local.AnswerAsync(call) : pipeline.RunAsync(call));
        return call;
    }

    /// <summary>Serves a call that is no chat; its errors are in OpenAI's shape.</summary>
    public async Task ServeAsync(HttpContext http, CurrentAccount account, Func<byte[], PlainReading> read)
    {
        var body = await RequestBody.ReadAsync(http, options.Value.MaxBodyBytes);
        await (body.Succeeded
            ? idempotent.ServeOnceAsync(http, account.Require().AccountId, body.Value,
                (sink, opId) => ServeAsync(http, account, read(body.Value), sink, opId))
            : body.Refusal.ToResult().ExecuteAsync(http));
    }

    private async Task<GatewayCall?> ServeAsync(
        HttpContext http, CurrentAccount account, PlainReading reading, IAnswerSink sink, Guid opId)
    {
        if (reading.Facts is not { } facts)
        {
            await RefuseAsync(http, reading.Refusal!);
            return null;
        }

        var call = CallOf(http, account, OpenAiChatDialect.Instance, facts, sink, opId, reading.Work);
        await pipeline.RunAsync(call);
        return call;
    }

    private static GatewayCall CallOf(
        HttpContext http, CurrentAccount account, IClientDialect dialect, RequestFacts facts, IAnswerSink sink, Guid opId,
        IPlainWork? work = null, OpenConversation? conversation = null) =>
        new(account.Require(), dialect, facts, sink)
        {
            OpId = opId,
            IsOpenRouterFace = CallerErrors.IsOpenRouterFace(http),
            App = Short(http.Request.Headers["X-Title"]),
            AppUrl = Short(http.Request.Headers.Referer),
            OwnHeaders = OwnHeaders(http, dialect),
            Work = work,
            Conversation = conversation,
        };

    private static Task RefuseAsync(HttpContext http, RequestRefusal refusal) =>
        new Refusal(400, refusal.Code, refusal.Message) { Param = refusal.Param }.ToResult().ExecuteAsync(http);

    /// <summary>Some clients choose features by header; a host of their dialect must see the choice.</summary>
    internal static Dictionary<string, string> OwnHeaders(HttpContext http, IClientDialect dialect)
    {
        var own = new Dictionary<string, string>();
        foreach (var name in dialect.OwnHeaders)
        {
            if (http.Request.Headers[name].ToString() is { Length: > 0 and <= MaxBetas } value)
            {
                own[name] = value;
            }
        }

        return own;
    }

    private static string? Short(string? header) =>
        string.IsNullOrWhiteSpace(header) ? null : header[..Math.Min(header.Length, MaxHeader)];
}
