using System.Collections.Concurrent;
using Mercato.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Mercato.Ledger;

/// <summary>
/// Money moves here and nowhere else: a call reserves the most that it may cost, then settles what it did cost or is
/// voided. Amounts are integer nano-dollars. Every method returns only after its change is durable.
/// </summary>
public sealed class Ledger
{
    /// <summary>How long an admission or a credit waits for a database in trouble.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly LedgerWriter _writer;
    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _time;
    private readonly TimeSpan _waitForOwnHolds;
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _released = [];

    internal Ledger(
        LedgerWriter writer, IServiceScopeFactory scopes, TimeProvider time, IOptions<LedgerOptions> options)
    {
        _writer = writer;
        _scopes = scopes;
        _time = time;
        _waitForOwnHolds = options.Value.WaitForOwnHolds;
    }

    /// <summary>
    /// Holds the op's bound in the wallet and, when given, in the key's budget: all or nothing. When only the
    /// account's own running calls stand in the way, it waits for them up to the configured time.
    /// </summary>
    /// <returns>How it went; <see cref="ReserveOutcome.NotEnough"/> with a hold means that waiting longer may help.</returns>
    public async Task<ReserveOutcome> ReserveAsync(ReserveOrder order, CancellationToken cancellationToken)
    {
        var deadline = _time.GetUtcNow() + _waitForOwnHolds;
        while (true)
        {
            // Taken before the attempt, so that a release in between is not missed.
            var release = _released.GetOrAdd(order.Op.AccountId, _ => NewSignal()).Task;
            var outcome = await TryReserveAsync(order);
            if (outcome is not ReserveOutcome.NotEnough short_
                || (short_.Available + short_.Held).Nano < Needed(order, short_.Source)
                || _time.GetUtcNow() >= deadline)
            {
                return outcome;
            }

            // Another node's release is not signalled here, hence the poll.
            var poll = Task.Delay(TimeSpan.FromMilliseconds(250), _time, cancellationToken);
            await Task.WhenAny(release, poll);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>What <see cref="ReserveAsync"/> would say now, by the same rules; nothing is held and nobody is
    /// waited for.</summary>
    public async Task<ReserveOutcome> ForeseeAsync(ReserveOrder order, CancellationToken cancellationToken)
    {
        var (account, key) = (order.Op.AccountId, order.Budget?.ApiKeyId);
        await using var scope = _scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        var book = new Book(_time.GetUtcNow(), Guid.Empty, epoch: 0);
        book.Wallets[account] = await GetWalletAsync(account, cancellationToken);
        if (key is { } id)
        {
            book.Budgets[(account, id)] = await context.Set<Budget>().AsNoTracking()
                .SingleOrDefaultAsync(row => row.AccountId == account && row.ApiKeyId == id, cancellationToken)
                ?? new Budget { AccountId = account, ApiKeyId = id };
        }

        return book.Reserve(order);
    }

    /// <summary>
    /// Ends a call with what it cost. The cost is clamped to the bound and what exceeds it is entered as the operator's
    /// loss. Repeating it changes nothing. It keeps trying while the database is away.
    /// </summary>
    public async Task SettleAsync(SettleOrder order)
    {
        order.Op.State = OpState.Settled;
        order.Op.Settlement = order.Op.OperatorLossNano > 0 || order.Op.CostNano > order.Op.BoundNano
            ? Settlement.OperatorLoss
            : Settlement.Settled;
        await CloseAsync(order, patience: null);
    }

    /// <summary>Ends a call that costs nothing. The op's settlement reason says why.</summary>
    public async Task VoidAsync(SettleOrder order)
    {
        order.Op.State = OpState.Void;
        order.Op.Settlement = order.Op.OperatorLossNano > 0 ? Settlement.OperatorLoss : Settlement.Void;
        order.Op.CostNano = 0;
        await CloseAsync(new SettleOrder(order.Op), patience: null);
    }

    /// <summary>
    /// Notes what a running call has delivered, for the bill after a crash of ours. A note that the database does not
    /// take in time is dropped: the next one holds more.
    /// </summary>
    public async Task NoteProgressAsync(ProgressOrder order)
    {
        try
        {
            await _writer.EnterAsync(
                keys =>
                {
                    keys.Accounts.Add(order.AccountId);
                    keys.Ops.Add((order.AccountId, order.OpId));
                },
                book =>
                {
                    book.Note(order);
                    return true;
                }, Patience);
        }
        catch (LedgerUnavailableException)
        {
            // Said above: it may be lost.
        }
    }

    /// <summary>Books a credit or a deduction, once per (source, event) and per Idempotency-Key.</summary>
    public async Task<GrantOutcome> GrantAsync(GrantOrder order)
    {
        try
        {
            var outcome = await _writer.EnterAsync(
                keys =>
                {
                    keys.Accounts.Add(order.AccountId);
                    keys.Credits.Add((order.Source, order.EventId));
                    if (order.Idempotency is { } asked)
                    {
                        keys.Changes.Add((order.AccountId, asked.Key));
                    }

                    if (order.ReversalOf is { } number)
                    {
                        keys.Entries.Add((order.AccountId, number));
                    }
                },
                book => book.Grant(order), Patience);
            SignalRelease(order.AccountId);
            return outcome;
        }
        catch (LedgerUnavailableException)
        {
            return new GrantOutcome.Unavailable();
        }
    }

    /// <summary>Gives a charge back, once.</summary>
    public Task<GrantOutcome> RefundAsync(Guid accountId, long entryNumber, string reason, Guid? actorId) =>
        GrantAsync(new GrantOrder(accountId, Money.Zero, "refund", $"{accountId:N}:{entryNumber}", reason)
        {
            ReversalOf = entryNumber,
            ActorId = actorId,
        });

    /// <summary>The wallet as the database has it now; an account without movements has an empty one.</summary>
    public async Task<Wallet> GetWalletAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        return await context.Set<Wallet>().AsNoTracking()
            .SingleOrDefaultAsync(wallet => wallet.AccountId == accountId, cancellationToken)
            ?? new Wallet { AccountId = accountId };
    }

    private static long Needed(ReserveOrder order, string source) =>
        source == "key" ? order.Op.BudgetNano ?? 0 : order.Op.BoundNano;

    private async Task<ReserveOutcome> TryReserveAsync(ReserveOrder order)
    {
        try
        {
            return await _writer.EnterAsync(
                keys =>
                {
                    keys.Accounts.Add(order.Op.AccountId);
                    keys.Ops.Add((order.Op.AccountId, order.Op.Id));
                    if (order.Budget is { } budget && order.Op.BudgetNano is not null)
                    {
                        keys.Budgets.Add((order.Op.AccountId, budget.ApiKeyId));
                    }
                },
                book => book.Reserve(order), Patience);
        }
        catch (LedgerUnavailableException)
        {
            // The commit may have happened with its reply lost: close the op if it is there, whenever that works.
            order.Op.SettlementReason = "admission_failed";
            _ = VoidAsync(new SettleOrder(order.Op));
            return new ReserveOutcome.Unavailable();
        }
    }

    private async Task CloseAsync(SettleOrder order, TimeSpan? patience)
    {
        await _writer.EnterAsync(
            keys =>
            {
                keys.Accounts.Add(order.Op.AccountId);
                keys.Ops.Add((order.Op.AccountId, order.Op.Id));
            },
            book => book.Close(order), patience);
        SignalRelease(order.Op.AccountId);
    }

    private void SignalRelease(Guid accountId)
    {
        if (_released.TryRemove(accountId, out var waiting))
        {
            waiting.TrySetResult();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
