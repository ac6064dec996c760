using System.Text.Json;
using Mercato.Accounts;
using Mercato.Hosting;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiResponses;
using Microsoft.AspNetCore.Mvc;

namespace Mercato.Gateway;

/// <summary>`/v1/conversations`: OpenAI's way to begin, see and end a conversation of the Responses API.</summary>
internal static class Conversations
{
    /// <summary>OpenAI takes no more at once.</summary>
    private const int MaxItems = 20;
    private const int MaxMetadata = 16;
    private const int MaxBody = 1024 * 1024;

    public static void MapConversations(this IEndpointRouteBuilder routes, GatewayOptions options)
    {
        var group = routes.MapGroup("/v1/conversations").Is(EndpointClass.Inference).WithTags("Inference")
            .WithMetadata(new RequestSizeLimitAttribute(2L * options.MaxBodyBytes)).RequireCors(Cors.AnyOrigin)
            .WithMetadata(CallerErrors.In(OpenAiResponsesDialect.Instance));
        group.MapPost("", CreateConversation)
            .Tells("OpenAI's Conversations: begins one that `conversation` of a response can name, on any model.", 200);
        group.MapGet("/{id}", GetConversation).Tells("A conversation of responses, by its id.", 200);
        group.MapDelete("/{id}", DeleteConversation).Tells("Forgets a conversation of responses.", 200);
    }

    public static async Task<IResult> CreateConversation(
        HttpContext http, CurrentAccount account, KeptConversations kept)
    {
        if (!kept.IsOn)
        {
            return new Refusal(404, "not_found", "This server keeps no turns.").ToResult();
        }

        var body = await RequestBody.ReadAsync(http, MaxBody);
        if (!body.Succeeded)
        {
            return body.Refusal.ToResult();
        }

        var bytes = body.Value.Length == 0 ? "{}"u8.ToArray() : body.Value;
        if (Check(bytes, out var request) is { } refusal)
        {
            return refusal.ToResult();
        }

        var made = await kept.CreateAsync(
            account.AccountId, OpenAiResponsesDialect.ListInput(request), Metadata(request), http.RequestAborted);
        return made.Succeeded ? View(kept, made.Value) : made.Refusal.ToResult();
    }

    public static async Task<IResult> GetConversation(
        string id, CurrentAccount account, KeptConversations kept, CancellationToken cancellationToken) =>
        await kept.FindAsync(account.AccountId, id, cancellationToken) is { } found
            ? View(kept, found) : KeptConversations.Gone(id).ToResult();

    public static async Task<IResult> DeleteConversation(
        string id, CurrentAccount account, KeptConversations kept, CancellationToken cancellationToken) =>
        await kept.DeleteAsync(account.AccountId, id, cancellationToken)
            ? Results.Json(new { id, @object = "conversation.deleted", deleted = true })
            : KeptConversations.Gone(id).ToResult();

    /// <summary>The refusal of a body that a call could not go on from; else its members, the items as `input`.</summary>
    private static Refusal? Check(byte[] body, out JsonMembers request)
    {
        request = null!;
        if (JsonMembers.Read(body) is not { } members || members.FindDuplicate() is not null)
        {
            return new Refusal(400, "invalid_json", "The body is not one valid JSON object.");
        }

        var items = members.FindValue("items") is { } value && !IsNull(value) ? value : "[]"u8.ToArray();
        if (items.Span is not [(byte)'[', ..] || JsonElement.Parse(items.Span).GetArrayLength() > MaxItems)
        {
            return Refusal.Invalid("items", $"'items' must be an array of up to {MaxItems} items.");
        }

        if (members.FindValue("metadata") is { } metadata && !IsNull(metadata) && !IsMetadata(metadata))
        {
            return Refusal.Invalid("metadata", $"'metadata' must be an object of up to {MaxMetadata} texts.");
        }

        request = JsonMembers.Read(new JsonSplice(members)
            .Remove("items").SetText("model", "m").Set("input", items).ToBytes())!;
        return OpenAiResponsesDialect.Instance.ReadRequest(request.Document).Refusal is { } refusal
            ? new Refusal(400, refusal.Code, refusal.Message) { Param = refusal.Param?.Replace("input", "items") }
            : null;
    }

    private static bool IsNull(ReadOnlyMemory<byte> value) => value.Span.SequenceEqual("null"u8);

    private static bool IsMetadata(ReadOnlyMemory<byte> value) =>
        JsonElement.Parse(value.Span) is { ValueKind: JsonValueKind.Object } texts
        && texts.EnumerateObject().ToList() is { Count: <= MaxMetadata } all
        && all.TrueForAll(text => text.Value.ValueKind == JsonValueKind.String);

    private static byte[]? Metadata(JsonMembers request) =>
        request.FindValue("metadata") is { } metadata && !IsNull(metadata) ? metadata.ToArray() : null;

    private static IResult View(KeptConversations kept, KeptConversation conversation) => Results.Json(new
    {
        id = conversation.Id,
        @object = "conversation",
        created_at = conversation.CreatedAt.ToUnixTimeSeconds(),
        metadata = JsonElement.Parse(kept.OpenMetadata(conversation) ?? "{}"u8.ToArray()),
    });
}
