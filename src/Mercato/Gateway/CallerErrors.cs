using System.Text.Json;
using Mercato.Hosting;
using Mercato.Ledger;
using Mercato.Wire;
using Mercato.Wire.Dialects.Anthropic;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Gateway;

/// <summary>Refusals in the words of the caller's client; with the integer code of OpenRouter's under `/api/v1`.</summary>
internal static class CallerErrors
{
    /// <summary>How the endpoints of one dialect write refusals.</summary>
    public static ErrorShape In(IClientDialect dialect) => new((http, refusal) => WriteAsync(http, refusal, dialect));

    /// <summary>How endpoints write refusals that clients of OpenAI and of Anthropic both ask.</summary>
    public static ErrorShape InCallersOwn() => new((http, refusal) => WriteAsync(http, refusal,
        AnthropicModels.IsWanted(http) ? AnthropicDialect.Instance : OpenAiChatDialect.Instance));

    public static ErrorAnswer Of(Refusal refusal, GatewayCall? call = null) => new(
        refusal.Status, refusal.Detail, TypeOf(refusal.Status), refusal.Name.Replace('-', '_'), refusal.Param,
        refusal.Metadata is null ? default : JsonSerializer.SerializeToUtf8Bytes(refusal.Metadata, Json.Options),
        call?.Op is { } op ? Op.GenerationId(op.Id) : null);

    public static bool IsOpenRouterFace(HttpContext http) => http.Request.Path.StartsWithSegments("/api");

    private static async Task WriteAsync(HttpContext http, Refusal refusal, IClientDialect dialect)
    {
        http.Response.StatusCode = refusal.Status;
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(
            dialect.WriteError(Of(refusal), IsOpenRouterFace(http)), http.RequestAborted);
    }

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        402 => "insufficient_credits",
        403 => "permission_error",
        429 => "rate_limit_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };
}
