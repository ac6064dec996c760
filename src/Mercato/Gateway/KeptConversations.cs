using System.Text.Json;
using Mercato.Accounts;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiResponses;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>
/// Conversations of the Responses API by name (`conversation`), for hosts that keep none: sealed, for the account that
/// began them, and as long as single turns after the last one. A name that a client brings begins an empty conversation
/// here; what a host may have under that name stays with the host.
/// </summary>
internal sealed class KeptConversations(
    IServiceScopeFactory scopes, KeyRing keyRing, IOptions<GatewayOptions> options, TimeProvider time)
{
    /// <summary>Begins the names that are made here.</summary>
    public const string OwnPrefix = "conv_mercato_";

    private const string KeyUse = "kept-response";
    private const int MaxIdLength = 200;
    private const int MaxTurns = 1_000;

    /// <summary>Conversations of an account that are begun without a call.</summary>
    private const int MaxMade = 1_000;

    public bool IsOn => options.Value.KeepResponses > TimeSpan.Zero;

    /// <summary>What is kept under that name; a refusal when it was made here and is gone.</summary>
    public async Task<Outcome<OpenConversation>> OpenAsync(
        MercatoContext context, Guid accountId, string id, JsonMembers request, CancellationToken cancellationToken)
    {
        if (!IsName(id))
        {
            return Refusal.Invalid(
                "conversation", $"A conversation's id has 1 to {MaxIdLength} ASCII characters without spaces.");
        }

        var isOwn = id.StartsWith(OwnPrefix, StringComparison.Ordinal);
        var isKnown = await Living(context, accountId, id).AnyAsync(cancellationToken);
        if (isOwn && !isKnown)
        {
            return Gone(id);
        }

        var turns = context.Set<KeptTurn>().AsNoTracking()
            .Where(row => row.AccountId == accountId && row.ConversationId == id);
        if (isKnown && await turns.SumAsync(row => (long)row.SealedItems.Length, cancellationToken) > options.Value.MaxBodyBytes)
        {
            return Refusal.Invalid("conversation",
                $"'{id}' holds more than the {options.Value.MaxBodyBytes >> 20} MiB that a request may have; begin another.");
        }

        var rows = !isKnown ? [] : await turns
            .OrderByDescending(row => row.Id).Take(MaxTurns + 1).ToListAsync(cancellationToken);
        if (rows.Count > MaxTurns)
        {
            return Refusal.Invalid("conversation", $"'{id}' has more than {MaxTurns} turns; begin another.");
        }

        rows.Reverse();
        return new OpenConversation(
            id, isOwn, request, [.. rows.Select(row => new TurnItems(Read(row.SealedItems), row.Holder))]);
    }

    /// <summary>Adds what a call said and heard.</summary>
    /// <param name="context">The database.</param>
    /// <param name="call">The call.</param>
    /// <param name="conversation">The conversation as the call found it.</param>
    /// <param name="output">The answer's items.</param>
    public async Task AddTurnAsync(
        MercatoContext context, GatewayCall call, OpenConversation conversation, IReadOnlyList<KeptItem> output)
    {
        var (accountId, now) = (call.Caller.AccountId, time.GetUtcNow());
        var expiresAt = now + options.Value.KeepResponses;
        await context.Set<KeptConversation>()
            .Where(row => row.AccountId == accountId && row.Id == conversation.Id && row.ExpiresAt <= now)
            .ExecuteDeleteAsync();
        var isThere = await MoveOnAsync(context, accountId, conversation.Id, expiresAt);
        if (!isThere && conversation.IsOwn)
        {
            // It was deleted, or ended, while the answer was written.
            return;
        }

        var isBegun = !isThere && await BeginAsync(context, accountId, conversation.Id, null, now);
        // One that ended meanwhile begins again, with all that the call knew of it.
        var input = OpenAiResponsesDialect.ListInput(isBegun ? call.Facts.Members : conversation.Request);
        await AddTurnAsync(context, accountId, conversation.Id, [.. input, .. output], call.ConversationHolder);
    }

    /// <summary>Begins a conversation under a name of our own; a refusal when the account has too many.</summary>
    public async Task<Outcome<KeptConversation>> CreateAsync(
        Guid accountId, IReadOnlyList<KeptItem> items, byte[]? metadata, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        var now = time.GetUtcNow();
        if (await context.Set<KeptConversation>().CountAsync(
            row => row.AccountId == accountId && row.ExpiresAt > now, cancellationToken) >= MaxMade)
        {
            return new Refusal(400, "too_many_conversations",
                $"At most {MaxMade} conversations are kept at a time; delete some, or wait until they end.");
        }

        var id = OwnPrefix + Guid.CreateVersion7(now).ToString("N");
        await BeginAsync(context, accountId, id, metadata, now);
        if (items.Count > 0)
        {
            await AddTurnAsync(context, accountId, id, items, null);
        }

        return await Living(context, accountId, id).SingleAsync(cancellationToken);
    }

    /// <summary>The conversation; null when there is none of that name.</summary>
    public async Task<KeptConversation?> FindAsync(Guid accountId, string id, CancellationToken cancellationToken)
    {
        if (!IsName(id))
        {
            return null;
        }

        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        return await Living(context, accountId, id).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>False when there is none of that name.</summary>
    public async Task<bool> DeleteAsync(Guid accountId, string id, CancellationToken cancellationToken)
    {
        if (!IsName(id))
        {
            return false;
        }

        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        return await Living(context, accountId, id).ExecuteDeleteAsync(cancellationToken) > 0;
    }

    /// <summary>The raw `metadata` object.</summary>
    public byte[]? OpenMetadata(KeptConversation conversation) =>
        conversation.SealedMetadata is { } metadata ? keyRing.Open(KeyUse, metadata) : null;

    public static Refusal Gone(string id) => new(404, "conversation_not_found",
        $"The conversation '{id}' is not kept here (any more). Begin another by POST /v1/conversations, or send the whole "
        + "conversation as `input`.") { Param = "conversation" };

    // A database that keeps text refuses some characters.
    private static bool IsName(string id) =>
        id.Length is > 0 and <= MaxIdLength && id.All(character => character is > ' ' and <= '~');

    private IQueryable<KeptConversation> Living(MercatoContext context, Guid accountId, string id)
    {
        var now = time.GetUtcNow();
        return context.Set<KeptConversation>().AsNoTracking()
            .Where(row => row.AccountId == accountId && row.Id == id && row.ExpiresAt > now);
    }

    private static async Task<bool> MoveOnAsync(
        MercatoContext context, Guid accountId, string id, DateTimeOffset expiresAt) =>
        await context.Set<KeptConversation>().Where(row => row.AccountId == accountId && row.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.ExpiresAt, expiresAt)) > 0;

    /// <summary>False when another call began it at the same time.</summary>
    private async Task<bool> BeginAsync(
        MercatoContext context, Guid accountId, string id, byte[]? metadata, DateTimeOffset now)
    {
        context.Add(new KeptConversation
        {
            AccountId = accountId,
            Id = id,
            SealedMetadata = metadata is null ? null : keyRing.Seal(KeyUse, metadata),
            CreatedAt = now,
            ExpiresAt = now + options.Value.KeepResponses,
        });
        try
        {
            await context.SaveChangesAsync();
            return true;
        }
        catch (DbUpdateException problem) when (UniqueViolation.Of(problem) is not null)
        {
            return false;
        }
        finally
        {
            context.ChangeTracker.Clear();
        }
    }

    private async Task AddTurnAsync(
        MercatoContext context, Guid accountId, string id, IReadOnlyList<KeptItem> items, string? holder)
    {
        context.Add(new KeptTurn
        {
            AccountId = accountId,
            ConversationId = id,
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            SealedItems = keyRing.Seal(KeyUse, KeptItems.Join(items)),
            Holder = holder,
        });
        await context.SaveChangesAsync();
    }

    private List<KeptItem> Read(byte[] sealedItems) => KeptItems.Read(keyRing.Open(KeyUse, sealedItems));
}
