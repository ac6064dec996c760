using System.Data.Common;
using System.Text.Json;
using Mercato.Accounts;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiResponses;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>A request with its references written out.</summary>
/// <param name="Body">The body.</param>
/// <param name="Conversation">The conversation that it goes on with by name; null for none.</param>
internal sealed record ExpandedBody(byte[] Body, OpenConversation? Conversation);

/// <summary>
/// Lets clients of the Responses API refer to earlier turns (`previous_response_id`, `conversation`,
/// `item_reference`) on hosts that keep nothing, and never to somebody else's: references are looked up under the caller's own account and written out
/// before the request goes anywhere.
/// </summary>
internal sealed partial class KeptResponses(
    IServiceScopeFactory scopes, KeyRing keyRing, KeptConversations conversations, IOptions<GatewayOptions> options,
    TimeProvider time, ILogger<KeptResponses> log)
{
    private const string KeyUse = "kept-response";
    private const int MaxItems = 1_000;
    private const int MaxIdLength = 200;

    /// <summary>The body with its references written out; the body itself in dialects that have none.</summary>
    public async Task<Outcome<ExpandedBody>> ExpandAsync(
        Guid accountId, IClientDialect dialect, byte[] body, CancellationToken cancellationToken) =>
        dialect.Dialect == Dialect.OpenAiResponses
            ? await ExpandAsync(accountId, body, cancellationToken)
            : new ExpandedBody(body, null);

    private async Task<Outcome<ExpandedBody>> ExpandAsync(
        Guid accountId, byte[] body, CancellationToken cancellationToken)
    {
        if (JsonMembers.Read(body) is not { } request
            || OpenAiResponsesDialect.ListReferences(request) is not { IsEmpty: false } references)
        {
            return new ExpandedBody(body, null);
        }

        if (references is { PreviousResponseId: not null, ConversationId: not null })
        {
            return new Refusal(400, "mutually_exclusive_parameters",
                "Either 'previous_response_id' or 'conversation' says what was before; send one of them.")
            {
                Param = "conversation",
            };
        }

        if (references.ItemIds.Append(references.PreviousResponseId).FirstOrDefault(HasNul) is { } impossible)
        {
            return Gone(impossible == references.PreviousResponseId ? "previous_response_id" : "input", impossible);
        }

        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        var history = references.PreviousResponseId is { } previous
            ? await FindAsync(context, accountId, previous, cancellationToken)
            : [];
        if (history is null)
        {
            return Gone("previous_response_id", references.PreviousResponseId!);
        }

        var items = await FindItemsAsync(context, accountId, references.ItemIds, cancellationToken);
        if (references.ItemIds.FirstOrDefault(id => !items.ContainsKey(id)) is { } unknown)
        {
            return Gone("input", unknown);
        }

        var expanded = history.Count + items.Count == 0
            ? body : OpenAiResponsesDialect.InsertItems(request, history, items);
        return references.ConversationId is { } conversation && conversations.IsOn
            ? await OpenAsync(context, accountId, conversation, JsonMembers.Read(expanded)!, cancellationToken)
            : new ExpandedBody(expanded, null);
    }

    private async Task<Outcome<ExpandedBody>> OpenAsync(
        MercatoContext context, Guid accountId, string id, JsonMembers request, CancellationToken cancellationToken)
    {
        var opened = await conversations.OpenAsync(context, accountId, id, request, cancellationToken);
        return opened.Succeeded
            ? new ExpandedBody(
                OpenAiResponsesDialect.WriteOutConversation(request, [.. opened.Value.History]).Document.ToArray(),
                opened.Value)
            : opened.Refusal;
    }

    /// <summary>Keeps a finished turn, unless the client said `store:false` or nothing is kept here.</summary>
    /// <param name="call">The call.</param>
    /// <param name="ending">The last bytes that the client gets: the whole body, or the end of its stream.</param>
    public async Task KeepAsync(GatewayCall call, ReadOnlyMemory<byte> ending)
    {
        var members = call.Facts.Members;
        if (call.Dialect.Dialect != Dialect.OpenAiResponses || options.Value.KeepResponses <= TimeSpan.Zero
            || members.FindValue("store") is { } store && store.Span.SequenceEqual("false"u8)
            || FindOutput(ending) is not ({ Length: > 0 and <= MaxIdLength } id, var output))
        {
            return;
        }

        var expiresAt = time.GetUtcNow() + options.Value.KeepResponses;
        var response = new KeptResponse
        {
            AccountId = call.Caller.AccountId,
            Id = id,
            SealedItems = keyRing.Seal(KeyUse, KeptItems.Join(OpenAiResponsesDialect.ListInput(members).Concat(output))),
            ExpiresAt = expiresAt,
        };
        var places = output.Select(item => item.Id).OfType<string>()
            .Where(item => item.Length is > 0 and <= MaxIdLength).Distinct().Take(MaxItems)
            .Select(item => new KeptItemPlace
            {
                AccountId = call.Caller.AccountId,
                Id = item,
                ResponseId = id,
                ExpiresAt = expiresAt,
            }).ToList();
        try
        {
            if (!await TryAddAsync(response, places))
            {
                // A host that repeats its ids: the client means the answer that it saw last.
                await ForgetAsync(response, places);
                await TryAddAsync(response, places);
            }

            if (call.Conversation is { } conversation)
            {
                await using var scope = scopes.CreateAsyncScope();
                await conversations.AddTurnAsync(
                    scope.ServiceProvider.GetRequiredService<MercatoContext>(), call, conversation, output);
            }
        }
        catch (Exception problem) when (problem is DbUpdateException or DbException or TimeoutException
            or InvalidOperationException)
        {
            // The answer is paid for and whole; only referring to it will fail.
            NotKept(log, problem, id);
        }
    }

    /// <summary>False when one of the names is taken.</summary>
    private async Task<bool> TryAddAsync(KeptResponse response, List<KeptItemPlace> places)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        context.Add(response);
        context.AddRange(places);
        try
        {
            await context.SaveChangesAsync();
            return true;
        }
        catch (DbUpdateException problem) when (UniqueViolation.Of(problem) is not null)
        {
            return false;
        }
    }

    private async Task ForgetAsync(KeptResponse response, List<KeptItemPlace> places)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        var ids = places.Select(place => place.Id).ToList();
        await context.Set<KeptItemPlace>()
            .Where(row => row.AccountId == response.AccountId && (row.ResponseId == response.Id || ids.Contains(row.Id)))
            .ExecuteDeleteAsync();
        await context.Set<KeptResponse>()
            .Where(row => row.AccountId == response.AccountId && row.Id == response.Id).ExecuteDeleteAsync();
    }

    public static async Task ForgetAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var context = services.GetRequiredService<MercatoContext>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await context.Set<KeptItemPlace>().Where(row => row.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken);
        await context.Set<KeptResponse>().Where(row => row.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken);
        await context.Set<KeptConversation>().Where(row => row.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken);
    }

    // PostgreSQL has no such text, and says so by an error.
    private static bool HasNul(string? id) => id?.Contains('\0') == true;

    private static Refusal Gone(string param, string id) => new(404, "response_not_found",
        $"'{id}' is not kept here (any more). Send the whole conversation as `input`, with `store:false` so that your "
        + "client does not refer to earlier turns.") { Param = param };

    private async Task<Dictionary<string, KeptItem>> FindItemsAsync(
        MercatoContext context, Guid accountId, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var items = new Dictionary<string, KeptItem>();
        var places = ids.Count == 0 ? [] : await context.Set<KeptItemPlace>().AsNoTracking()
            .Where(row => row.AccountId == accountId && ids.Contains(row.Id)).ToListAsync(cancellationToken);
        foreach (var responseId in places.Select(row => row.ResponseId).Distinct())
        {
            foreach (var item in await FindAsync(context, accountId, responseId, cancellationToken) ?? [])
            {
                if (item.Id is { } id)
                {
                    items[id] = item;
                }
            }
        }

        return items;
    }

    /// <summary>The whole conversation up to the end of that turn; null when it is not kept.</summary>
    private async Task<List<KeptItem>?> FindAsync(
        MercatoContext context, Guid accountId, string id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var row = await context.Set<KeptResponse>().AsNoTracking().SingleOrDefaultAsync(
            row => row.AccountId == accountId && row.Id == id && row.ExpiresAt > now, cancellationToken);
        return row is null
            ? null
            : KeptItems.Read(keyRing.Open(KeyUse, row.SealedItems));
    }

    /// <summary>The answer's id and items: the body itself has them, or the stream's last event.</summary>
    private static (string? Id, IReadOnlyList<KeptItem> Items)? FindOutput(ReadOnlyMemory<byte> ending)
    {
        if (ending.Span.StartsWith("{"u8))
        {
            return OpenAiResponsesDialect.ListOutput(ending);
        }

        using var reader = EventStreamReader.ForEvents();
        reader.Push(ending.Span);
        reader.Complete();
        (string?, IReadOnlyList<KeptItem>)? found = null;
        while (reader.TryRead(out var frame))
        {
            found = (frame.HasData ? OpenAiResponsesDialect.ListOutput(frame.Data) : null) ?? found;
        }

        return found;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The response {ResponseId} could not be kept for later reference")]
    private static partial void NotKept(ILogger log, Exception problem, string responseId);
}
