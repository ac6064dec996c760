using Mercato.Accounts;
using Mercato.Hosting;
using Mercato.Wire.Dialects.OpenAiChat;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>`POST /v1/chat/completions` and `/api/v1/chat/completions`.</summary>
internal static class ChatCompletions
{
    private const int MaxAppName = 200;

    public static async Task CompleteChat(
        HttpContext http, CurrentAccount account, GatewayPipeline pipeline, LocalModel local,
        IOptions<GatewayOptions> options)
    {
        var body = await RequestBody.ReadAsync(http, options.Value.MaxBodyBytes);
        if (!body.Succeeded)
        {
            await body.Refusal.ToResult().ExecuteAsync(http);
            return;
        }

        var reading = OpenAiChatDialect.ReadRequest(body.Value);
        if (reading.Facts is not { } facts)
        {
            var refusal = reading.Refusal!;
            await new Refusal(400, refusal.Code, refusal.Message) { Param = refusal.Param }.ToResult().ExecuteAsync(http);
            return;
        }

        var call = new GatewayCall(account.Require(), facts, new HttpSink(http))
        {
            IsOpenRouterFace = OpenAiErrors.IsOpenRouterFace(http),
            App = Short(http.Request.Headers["X-Title"]),
            AppUrl = Short(http.Request.Headers.Referer),
        };
        await (LocalModel.Is(facts.Model) ? local.AnswerAsync(call) : pipeline.RunAsync(call));
    }

    private static string? Short(string? header) =>
        string.IsNullOrWhiteSpace(header) ? null : header[..Math.Min(header.Length, MaxAppName)];
}
