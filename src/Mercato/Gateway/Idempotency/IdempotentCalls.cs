using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mercato.Accounts;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Ledger;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Gateway.Idempotency;

/// <summary>
/// Carries a call out once for its Idempotency-Key, whatever becomes of client, connection and server. The same key and
/// body get the kept answer again; while the first call runs, and when its server died in it, they are told so.
/// </summary>
internal sealed partial class IdempotentCalls(
    IServiceScopeFactory scopes, KeyRing keyRing, TimeProvider time, ILogger<IdempotentCalls> log)
{
    public const string Header = "Idempotency-Key";

    private const string KeyUse = "idempotent-answer";
    private const int MaxKey = 255;
    private const int MaxAnswer = 4 << 20;

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>Longer than any call waits before it holds something; a call without an op is dead after that.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(90);

    /// <summary>Has the call served, or answers it from what is known. Without the header it is just served.</summary>
    /// <param name="http">The request, whose answer this writes.</param>
    /// <param name="accountId">Whose key it is.</param>
    /// <param name="body">The bytes of the request.</param>
    /// <param name="serveAsync">Serves into a sink, with the id for its op; returns the call, or null when it was
    /// refused before it became one.</param>
    public async Task ServeOnceAsync(
        HttpContext http, Guid accountId, byte[] body, Func<IAnswerSink, Guid, Task<GatewayCall?>> serveAsync)
    {
        var opId = Guid.CreateVersion7();
        var header = http.Request.Headers[Header];
        if (header.Count == 0)
        {
            await serveAsync(new HttpSink(http), opId);
            return;
        }

        var key = header.ToString();
        if (key.Length is 0 or > MaxKey)
        {
            await Refusal.Invalid(Header, $"An {Header} has 1 to {MaxKey} characters.").ToResult().ExecuteAsync(http);
            return;
        }

        var now = time.GetUtcNow();
        var row = new IdempotentCall
        {
            AccountId = accountId,
            Key = key,
            Fingerprint = Fingerprint(http, body),
            OpId = opId,
            CreatedAt = now,
            ExpiresAt = now + Lifetime,
        };
        IdempotentCall? earlier;
        try
        {
            earlier = await ClaimAsync(row);
        }
        catch (Exception problem) when (problem is DbException or DbUpdateException or TimeoutException
            or InvalidOperationException)
        {
            NotClaimed(log, problem);
            await new Refusal(503, "ledger-unavailable",
                $"The {Header} could not be noted, so the call was not made. Try again in a moment.")
            { RetryAfterSeconds = 2 }.ToResult().ExecuteAsync(http);
            return;
        }

        await (earlier is null ? ServeAsync(http, row, serveAsync) : AnswerAsync(http, row, earlier));
    }

    /// <summary>Rows whose time is over.</summary>
    public static async Task ForgetAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await services.GetRequiredService<MercatoContext>().Set<IdempotentCall>()
            .Where(row => row.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task ServeAsync(
        HttpContext http, IdempotentCall row, Func<IAnswerSink, Guid, Task<GatewayCall?>> serveAsync)
    {
        var sink = new RecordingSink(new HttpSink(http), MaxAnswer);
        GatewayCall? call;
        try
        {
            call = await serveAsync(sink, row.OpId);
        }
        catch
        {
            // What holds something stays under its key: it may have been carried out.
            await TryAsync(row, (context, rows) => FreeUnlessHeldAsync(context, rows, row));
            throw;
        }

        await TryAsync(row, (_, rows) => EndAsync(rows, call, sink));
    }

    private static async Task FreeUnlessHeldAsync(
        MercatoContext context, IQueryable<IdempotentCall> rows, IdempotentCall row)
    {
        if (await FindOpAsync(context, row) is null)
        {
            await rows.ExecuteDeleteAsync();
        }
    }

    /// <summary>Null when the row is ours now; otherwise what stands under the key.</summary>
    private async Task<IdempotentCall?> ClaimAsync(IdempotentCall row)
    {
        while (true)
        {
            await using var scope = scopes.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
            var mine = context.Add(row);
            try
            {
                await context.SaveChangesAsync();
                return null;
            }
            catch (DbUpdateException problem) when (UniqueViolation.Of(problem) is not null)
            {
                mine.State = EntityState.Detached;
            }

            var earlier = await context.Set<IdempotentCall>().AsNoTracking()
                .SingleOrDefaultAsync(known => known.AccountId == row.AccountId && known.Key == row.Key);
            if (earlier is not null && !await IsOverAsync(context, earlier))
            {
                return earlier;
            }

            // Deleted by its id: of several who find it over, one claims the key next and the others find that one.
            await context.Set<IdempotentCall>()
                .Where(known => known.AccountId == row.AccountId && known.Key == row.Key
                    && known.OpId == (earlier == null ? Guid.Empty : earlier.OpId))
                .ExecuteDeleteAsync();
        }
    }

    /// <summary>Whether the key is free again: its day is over, or its server died before it held anything.</summary>
    private async Task<bool> IsOverAsync(MercatoContext context, IdempotentCall earlier)
    {
        var now = time.GetUtcNow();
        return earlier.ExpiresAt < now
            || (earlier.State == IdempotentState.Running && earlier.CreatedAt + LongestWait < now
                && await FindOpAsync(context, earlier) is null);
    }

    private static Task<Op?> FindOpAsync(MercatoContext context, IdempotentCall row) =>
        context.Set<Op>().AsNoTracking().SingleOrDefaultAsync(op => op.AccountId == row.AccountId && op.Id == row.OpId);

    /// <summary>Whether the server that carried the call out still runs.</summary>
    private async Task<bool> IsAliveAsync(MercatoContext context, Guid nodeId)
    {
        var now = time.GetUtcNow();
        return await context.Set<Node>().AnyAsync(
            node => node.Id == nodeId && node.ClosedAt == null && node.DeadlineAt > now);
    }

    private async Task AnswerAsync(HttpContext http, IdempotentCall asked, IdempotentCall earlier)
    {
        if (earlier.Fingerprint != asked.Fingerprint)
        {
            await new Refusal(422, "idempotency-key-reused",
                $"This {Header} was used for another request. Use a new one.").ToResult().ExecuteAsync(http);
        }
        else if (earlier.State == IdempotentState.Kept)
        {
            await ReplayAsync(http, earlier);
        }
        else
        {
            await (await ExplainAsync(earlier)).ToResult().ExecuteAsync(http);
        }
    }

    private async Task ReplayAsync(HttpContext http, IdempotentCall earlier)
    {
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(earlier.Headers!)!)
        {
            http.Response.Headers[name] = value;
        }

        http.Response.Headers["x-mercato-replayed"] = "true";
        var sink = new HttpSink(http);
        sink.Start(earlier.Status!.Value, earlier.ContentType!);
        await sink.WriteAsync(keyRing.Open(KeyUse, earlier.SealedBody!));
        await sink.FlushAsync();
    }

    private async Task<Refusal> ExplainAsync(IdempotentCall earlier)
    {
        var generation = Op.GenerationId(earlier.OpId);
        var known = new Dictionary<string, object?> { ["generation_id"] = generation };
        if (earlier.State == IdempotentState.NotKept)
        {
            return new Refusal(409, "idempotent-answer-not-kept",
                $"The call of this {Header} has ended, but its answer was too large to keep or broke off. Its bill is "
                + $"/api/v1/generation?id={generation}.") { Metadata = known };
        }

        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        var op = await FindOpAsync(context, earlier);
        // A settled call is kept after its last byte has left, which a slow reader puts off.
        var runs = op is null or { State: OpState.Open }
            || (op.SettlementReason != Book.NodeLost && await IsAliveAsync(context, op.NodeId));
        return runs
            ? new Refusal(409, "idempotent-call-running",
                $"The call of this {Header} still runs. Ask again in a moment, with the same key.")
            { RetryAfterSeconds = 1, Metadata = known }
            : new Refusal(409, "idempotent-call-in-doubt",
                $"The server stopped while it carried out the call of this {Header}; how far it came is on its bill: "
                + $"/api/v1/generation?id={generation}. To make the call again, use a new key.") { Metadata = known };
    }

    /// <summary>
    /// Keeps the answer of a call that held something. What was refused before that, or with the advice to try again, was
    /// not carried out: the key is free again.
    /// </summary>
    private async Task EndAsync(IQueryable<IdempotentCall> rows, GatewayCall? call, RecordingSink sink)
    {
        if (call?.Op is null
            || sink.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            await rows.ExecuteDeleteAsync();
            return;
        }

        var isKept = call.IsAnswered && sink.Status is not null && !sink.IsTooLarge;
        var state = isKept ? IdempotentState.Kept : IdempotentState.NotKept;
        var (status, type) = (sink.Status, sink.ContentType);
        var headers = JsonSerializer.Serialize(sink.Headers);
        var body = isKept ? keyRing.Seal(KeyUse, sink.Body) : null;
        await rows.ExecuteUpdateAsync(set => set
            .SetProperty(known => known.State, state).SetProperty(known => known.Status, status)
            .SetProperty(known => known.ContentType, type).SetProperty(known => known.Headers, headers)
            .SetProperty(known => known.SealedBody, body));
    }

    /// <summary>Changes the row that this call has claimed.</summary>
    private async Task TryAsync(IdempotentCall row, Func<MercatoContext, IQueryable<IdempotentCall>, Task> changeAsync)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
            await changeAsync(context, context.Set<IdempotentCall>()
                .Where(known => known.AccountId == row.AccountId && known.Key == row.Key && known.OpId == row.OpId));
        }
        catch (Exception problem) when (problem is DbException or DbUpdateException or TimeoutException
            or InvalidOperationException)
        {
            // The call is paid for and answered; who asks again is told that it is in doubt and where its bill is.
            NotKept(log, problem, Op.GenerationId(row.OpId));
        }
    }

    private static string Fingerprint(HttpContext http, byte[] body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(http.Request.Path + "\n"));
        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An Idempotency-Key could not be noted")]
    private static partial void NotClaimed(ILogger log, Exception problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The answer of {Generation} could not be kept for its Idempotency-Key")]
    private static partial void NotKept(ILogger log, Exception problem, string generation);
}
