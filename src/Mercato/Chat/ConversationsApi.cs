using System.Text;
using Mercato.Accounts;
using Mercato.Hosting;
using Mercato.Ledger;

namespace Mercato.Chat;

public sealed record ConversationView(
    Guid Id, string Title, string Model, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public IReadOnlyList<MessageView>? Messages { get; init; }

    public static ConversationView Of(Conversation row) =>
        new(row.Id, row.Title, row.Model, row.CreatedAt, row.UpdatedAt);
}

public sealed record MessageView(
    Guid Id, MessageRole Role, string Content, MessageState State, string? Model, string? GenerationId, Money? CostUsd,
    string? Error, DateTimeOffset CreatedAt)
{
    public static MessageView Of(Message row) => new(
        row.Id, row.Role, row.Content, row.State, row.Model, row.GenerationId, row.Cost, row.Error, row.CreatedAt);
}

/// <summary>`/api/v1/conversations`.</summary>
internal static class ConversationsApi
{
    private const int MostListed = 200;

    public static void MapConversations(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/conversations").Is(EndpointClass.OwnObject).WithTags("Conversations");
        group.MapGet("", ListConversations)
            .Tells<Answer<List<ConversationView>>>("Your conversations, latest first.");
        group.MapPost("", StartConversation)
            .Tells<Answer<ConversationView>>("Begins a conversation with a model.", 201);
        group.MapGet("{id:guid}", GetConversation)
            .Tells<Answer<ConversationView>>("A conversation with its messages.");
        group.MapPatch("{id:guid}", ChangeConversation)
            .Tells<Answer<ConversationView>>("Changes a conversation's title or model.");
        group.MapDelete("{id:guid}", DeleteConversation).Tells("Deletes a conversation.");
        group.MapGet("{id:guid}/export", ExportConversation)
            .Tells<ConversationView>("A conversation as a file; `format=markdown` for people.");
        group.MapPost("{id:guid}/messages", SendMessage)
            .Tells<Sent>("Says something; the reply is written whether or not you read it.", 202)
            .Needs(KeyScopes.Inference | KeyScopes.Manage);
        group.MapGet("{id:guid}/messages/{message:guid}/stream", ReadReply)
            .Tells("A reply as server-sent events, from the beginning or from `Last-Event-ID`.", 200);
        group.MapDelete("{id:guid}/messages/{message:guid}/stream", StopReply)
            .Tells("Stops a reply; what has come is kept and paid.");
    }

    private static async Task<IResult> ListConversations(
        Conversations conversations, CancellationToken cancellationToken) =>
        Results.Ok(new
        {
            data = (await conversations.ListAsync(MostListed, cancellationToken)).Select(ConversationView.Of),
            next_cursor = (string?)null,
        });

    private static async Task<IResult> StartConversation(
        StartConversation request, Conversations conversations, CancellationToken cancellationToken)
    {
        var started = await conversations.StartAsync(request, cancellationToken);
        return started.Succeeded
            ? Results.Created(
                $"/api/v1/conversations/{started.Value.Id}", new { data = ConversationView.Of(started.Value) })
            : started.Refusal.ToResult();
    }

    private static async Task<IResult> GetConversation(
        Guid id, Conversations conversations, CancellationToken cancellationToken) =>
        await WholeAsync(id, conversations, cancellationToken) is { } whole
            ? Results.Ok(new { data = whole })
            : Refusal.NotFound.ToResult();

    private static async Task<IResult> ChangeConversation(
        Guid id, ChangeConversation request, Conversations conversations, CancellationToken cancellationToken)
    {
        var changed = await conversations.ChangeAsync(id, request, cancellationToken);
        return changed.Succeeded
            ? Results.Ok(new { data = ConversationView.Of(changed.Value) })
            : changed.Refusal.ToResult();
    }

    private static async Task<IResult> DeleteConversation(
        Guid id, Conversations conversations, CancellationToken cancellationToken) =>
        await conversations.DeleteAsync(id, cancellationToken) ? Results.NoContent() : Refusal.NotFound.ToResult();

    private static async Task<IResult> ExportConversation(
        Guid id, Conversations conversations, CancellationToken cancellationToken, string format = "json")
    {
        if (await WholeAsync(id, conversations, cancellationToken) is not { } whole)
        {
            return Refusal.NotFound.ToResult();
        }

        return format == "markdown"
            ? Results.File(Encoding.UTF8.GetBytes(ToMarkdown(whole)), "text/markdown; charset=utf-8", $"{id}.md")
            : Results.Ok(whole);
    }

    private static async Task<IResult> SendMessage(
        Guid id, SendMessage request, Conversations conversations, CancellationToken cancellationToken)
    {
        var sent = await conversations.SendAsync(id, request, cancellationToken);
        return sent.Succeeded
            ? Results.Json(sent.Value, statusCode: StatusCodes.Status202Accepted)
            : sent.Refusal.ToResult();
    }

    private static async Task<IResult> ReadReply(
        Guid id, Guid message, HttpContext http, CurrentAccount account, Conversations conversations, ChatRuns runs,
        Ledger.Ledger ledger, CancellationToken cancellationToken)
    {
        // Looked for before the row is read: a run ends only after its row is written.
        var run = runs.Find(account.AccountId, message);
        if (await conversations.FindMessageAsync(id, message, cancellationToken) is not { } row)
        {
            return Refusal.NotFound.ToResult();
        }

        var last = http.Request.Headers["Last-Event-ID"].ToString();
        var owner = account.AccountId;
        http.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(run is null
            ? ReplyStream.ReadStoredAsync(row, last, AvailableAsync)
            : ReplyStream.ReadAsync(run, row, last, AvailableAsync, cancellationToken));

        async Task<Money> AvailableAsync() => (await ledger.GetWalletAsync(owner, cancellationToken)).Available;
    }

    private static async Task<IResult> StopReply(
        Guid id, Guid message, CurrentAccount account, Conversations conversations, ChatRuns runs,
        CancellationToken cancellationToken)
    {
        if (await conversations.FindMessageAsync(id, message, cancellationToken) is null)
        {
            return Refusal.NotFound.ToResult();
        }

        runs.Find(account.AccountId, message)?.Stop();
        return Results.NoContent();
    }

    private static async Task<ConversationView?> WholeAsync(
        Guid id, Conversations conversations, CancellationToken cancellationToken) =>
        await conversations.FindAsync(id, cancellationToken) is { } row
            ? ConversationView.Of(row) with
            {
                Messages = [.. (await conversations.ListMessagesAsync(id, cancellationToken)).Select(MessageView.Of)],
            }
            : null;

    private static string ToMarkdown(ConversationView conversation)
    {
        var text = new StringBuilder($"# {conversation.Title}\n");
        foreach (var message in conversation.Messages ?? [])
        {
            var who = message.Role == MessageRole.User ? "You" : message.Model;
            text.Append($"\n## {who}\n\n{message.Content.Trim()}\n");
        }

        return text.ToString();
    }
}
