using System.Text.Json;
using Mercato.Hosting;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Gateway;

/// <summary>Refusals in the words of OpenAI's clients; with the integer code of OpenRouter's under `/api/v1`.</summary>
internal static class OpenAiErrors
{
    public static ErrorShape Shape { get; } = new(WriteAsync);

    public static ErrorAnswer Of(Refusal refusal) => new(
        refusal.Status, refusal.Detail, TypeOf(refusal.Status), refusal.Name.Replace('-', '_'), refusal.Param,
        refusal.Metadata is null ? default : JsonSerializer.SerializeToUtf8Bytes(refusal.Metadata, Json.Options));

    public static byte[] Body(Refusal refusal, bool hasIntegerCode) =>
        OpenAiChatDialect.WriteError(Of(refusal), hasIntegerCode);

    private static async Task WriteAsync(HttpContext http, Refusal refusal)
    {
        http.Response.StatusCode = refusal.Status;
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(Body(refusal, IsOpenRouterFace(http)), http.RequestAborted);
    }

    public static bool IsOpenRouterFace(HttpContext http) => http.Request.Path.StartsWithSegments("/api");

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
