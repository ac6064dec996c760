using System.Data.Common;
using System.Text.Json;
using Mercato.Accounts;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Wire;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>
/// Lets clients of the Responses API refer to earlier turns (`previous_response_id`, `item_reference`) on hosts that
/// keep nothing, and never to somebody else's: references are looked up under the caller's own account and written out
/// before the request goes anywhere.
/// </summary>
internal sealed partial class KeptResponses(
    IServiceScopeFactory scopes, KeyRing keyRing, IOptions<GatewayOptions> options, TimeProvider time,
    ILogger<KeptResponses> log)
{
    private const string KeyUse = "kept-response";
    private const int MaxItems = 1_000;
    private const int MaxIdLength = 200;

    /// <summary>The body with its references written out; the body itself when it has none.</summary>
    public async Task<Outcome<byte[]>> ExpandAsync(Guid accountId, byte[] body, CancellationToken cancellationToken)
    {
        if (Parse(body) is not { } root)
        {
            return body;
        }

        var previous = root.FindText("previous_response_id");
        var references = root.List("input").Where(IsReference).Select(item => item.FindText("id") ?? "").Distinct()
            .ToList();
        if (previous is null && references.Count == 0)
        {
            return body;
        }

        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        var history = previous is null ? [] : await FindAsync(context, accountId, previous, cancellationToken);
        if (history is null)
        {
            return Gone("previous_response_id", previous!);
        }

        var items = await FindItemsAsync(context, accountId, references, cancellationToken);
        if (references.Find(id => !items.ContainsKey(id)) is { } unknown)
        {
            return Gone("input", unknown);
        }

        return Write(body, root, history, items);
    }

    /// <summary>Keeps a finished turn, unless the client said `store:false` or nothing is kept here.</summary>
    /// <param name="call">The call.</param>
    /// <param name="ending">The last bytes that the client gets: the whole body, or the end of its stream.</param>
    public async Task KeepAsync(GatewayCall call, ReadOnlyMemory<byte> ending)
    {
        if (call.Dialect.Dialect != Dialect.OpenAiResponses || FindResponse(ending) is not { } response)
        {
            return;
        }

        var request = JsonElement.Parse(call.Facts.Members.Document.Span);
        var id = response.FindText("id");
        if (options.Value.KeepResponses <= TimeSpan.Zero || request.FindFlag("store") == false
            || id is not { Length: > 0 and <= MaxIdLength })
        {
            return;
        }

        var expiresAt = time.GetUtcNow() + options.Value.KeepResponses;
        var output = response.List("output").ToList();
        var kept = new KeptResponse
        {
            AccountId = call.Caller.AccountId,
            Id = id,
            SealedItems = keyRing.Seal(
                KeyUse, JsonSerializer.SerializeToUtf8Bytes(ItemsOf(request.Find("input")).Concat(output))),
            ExpiresAt = expiresAt,
        };
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        context.Add(kept);
        context.AddRange(output.Select(item => item.FindText("id")).OfType<string>()
            .Where(item => item.Length is > 0 and <= MaxIdLength).Distinct().Take(MaxItems)
            .Select(item => new KeptItem
            {
                AccountId = kept.AccountId,
                Id = item,
                ResponseId = id,
                ExpiresAt = expiresAt,
            }));
        try
        {
            await context.SaveChangesAsync();
        }
        catch (DbUpdateException problem) when (UniqueViolation.Of(problem) is not null)
        {
            // A host that repeats its ids: the first answer keeps the name.
        }
        catch (Exception problem) when (problem is DbUpdateException or DbException or TimeoutException
            or InvalidOperationException)
        {
            // The answer is paid for and whole; only referring to it will fail.
            NotKept(log, problem, id);
        }
    }

    public static async Task ForgetAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var context = services.GetRequiredService<MercatoContext>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await context.Set<KeptItem>().Where(row => row.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken);
        await context.Set<KeptResponse>().Where(row => row.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken);
    }

    private static Refusal Gone(string param, string id) => new(404, "response_not_found",
        $"'{id}' is not kept here (any more). Send the whole conversation as `input`, with `store:false` so that your "
        + "client does not refer to earlier turns.") { Param = param };

    private static bool IsReference(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && (item.FindText("type") == "item_reference"
            || (item.FindText("type") is null && item.FindText("id") is not null && item.Find("role") is null
                && item.Find("content") is null));

    private async Task<Dictionary<string, JsonElement>> FindItemsAsync(
        MercatoContext context, Guid accountId, List<string> ids, CancellationToken cancellationToken)
    {
        var items = new Dictionary<string, JsonElement>();
        var rows = ids.Count == 0 ? [] : await context.Set<KeptItem>().AsNoTracking()
            .Where(row => row.AccountId == accountId && ids.Contains(row.Id)).ToListAsync(cancellationToken);
        foreach (var responseId in rows.Select(row => row.ResponseId).Distinct())
        {
            foreach (var item in await FindAsync(context, accountId, responseId, cancellationToken) ?? [])
            {
                if (item.FindText("id") is { } id)
                {
                    items[id] = item;
                }
            }
        }

        return items;
    }

    private async Task<List<JsonElement>?> FindAsync(
        MercatoContext context, Guid accountId, string id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var row = await context.Set<KeptResponse>().AsNoTracking().SingleOrDefaultAsync(
            row => row.AccountId == accountId && row.Id == id && row.ExpiresAt > now, cancellationToken);
        return row is null ? null : [.. JsonElement.Parse(keyRing.Open(KeyUse, row.SealedItems)).EnumerateArray()];
    }

    /// <summary>A conversation as items; a bare text is the user's.</summary>
    private static IEnumerable<JsonElement> ItemsOf(JsonElement? input) => input switch
    {
        { ValueKind: JsonValueKind.Array } items => items.EnumerateArray(),
        { ValueKind: JsonValueKind.String } text => [JsonSerializer.SerializeToElement(new { role = "user", content = text })],
        _ => [],
    };

    private static byte[] Write(
        byte[] body, JsonElement root, List<JsonElement> history, Dictionary<string, JsonElement> items)
    {
        var own = ItemsOf(root.Find("input")).Select(item => IsReference(item) ? items[item.FindText("id") ?? ""] : item);
        return JsonSplice.Read(body)!.Remove("previous_response_id")
            .Set("input", JsonSerializer.SerializeToUtf8Bytes(history.Concat(own))).ToBytes();
    }

    /// <summary>The response object: the body itself, or inside the stream's last event.</summary>
    private static JsonElement? FindResponse(ReadOnlyMemory<byte> ending)
    {
        if (ending.Span.StartsWith("{"u8))
        {
            return Parse(ending.Span);
        }

        using var reader = EventStreamReader.ForEvents();
        reader.Push(ending.Span);
        reader.Complete();
        JsonElement? response = null;
        while (reader.TryRead(out var frame))
        {
            response = (frame.HasData ? Parse(frame.Data.Span)?.Find("response") : null) ?? response;
        }

        return response;
    }

    private static JsonElement? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            // Whoever reads the request says what is wrong with it.
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The response {ResponseId} could not be kept for later reference")]
    private static partial void NotKept(ILogger log, Exception problem, string responseId);
}
