using Mercato.Ledger;

namespace Mercato.Tests.Spending;

/// <summary>The ledger's tables in memory: a batch opens a book on copies of the rows and saves its changes.</summary>
internal sealed class Shelf
{
    public static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<Guid, Wallet> _wallets = [];
    private readonly Dictionary<Guid, KnownOp> _ops = [];
    private readonly Dictionary<(Guid, Guid), Budget> _budgets = [];
    private readonly List<IdempotentChange> _changes = [];

    public Guid Account { get; init; } = Guid.CreateVersion7();

    public Guid ApiKey { get; } = Guid.CreateVersion7();

    public List<Entry> Entries { get; } = [];

    public List<Op> ClosedOps { get; } = [];

    public Wallet Wallet => WalletOf(Account);

    public Budget Budget => _budgets[(Account, ApiKey)];

    public Wallet WalletOf(Guid account) => _wallets.GetValueOrDefault(account) ?? new Wallet { AccountId = account };

    public KnownOp OpOf(Guid id) => _ops[id];

    public static Op NewOp(Guid account, long bound, Guid? apiKey = null) => new()
    {
        AccountId = account,
        Id = Guid.CreateVersion7(),
        ApiKeyId = apiKey,
        BoundNano = bound,
        BudgetNano = apiKey is null ? null : bound,
        CreatedAt = Noon,
        Model = "a/b",
        Provider = "a",
        Dialect = "openai-chat",
    };

    /// <summary>The same op as another request object would carry it.</summary>
    public static Op Ended(Op op, OpState state, long cost, string reason = "complete") => new()
    {
        AccountId = op.AccountId,
        Id = op.Id,
        ApiKeyId = op.ApiKeyId,
        BoundNano = op.BoundNano,
        BudgetNano = op.BudgetNano,
        CreatedAt = op.CreatedAt,
        Model = op.Model,
        Provider = op.Provider,
        Dialect = op.Dialect,
        State = state,
        CostNano = cost,
        SettlementReason = reason,
    };

    /// <summary>One batch.</summary>
    public T Batch<T>(Func<Book, T> work, params Guid[] accounts)
    {
        var book = Open([Account, .. accounts]);
        var result = work(book);
        Save(book);
        return result;
    }

    public ReserveOutcome Reserve(Op op, BudgetLimit? budget = null) =>
        Batch(book => book.Reserve(new ReserveOrder(op, budget)), op.AccountId);

    public bool Close(Op op) => Batch(book => book.Close(new SettleOrder(op)), op.AccountId);

    public GrantOutcome Grant(GrantOrder order) => Batch(book => book.Grant(order), order.AccountId);

    public GrantOutcome Grant(long nano, bool promotional = false) =>
        Grant(new GrantOrder(Account, new Money(nano), "test", Guid.NewGuid().ToString("N"), null)
        {
            Promotional = promotional,
        });

    private Book Open(IEnumerable<Guid> accounts)
    {
        var book = new Book(Noon, Guid.Empty, 1);
        foreach (var wallet in accounts.Distinct().Select(WalletOf))
        {
            book.Wallets[wallet.AccountId] = Copy(wallet);
        }

        foreach (var op in _ops.Values)
        {
            book.Ops[op.Id] = op;
        }

        book.Budgets[(Account, ApiKey)] = Copy(_budgets.GetValueOrDefault((Account, ApiKey))
            ?? new Budget { AccountId = Account, ApiKeyId = ApiKey, PeriodStartsAt = DateTimeOffset.UnixEpoch });
        foreach (var entry in Entries)
        {
            book.Entries[(entry.AccountId, entry.Number)] = entry;
            if (entry.Source is { } source)
            {
                book.Credits[(source, entry.EventId!)] = entry;
            }
        }

        _changes.ForEach(change => book.Changes[(change.AccountId, change.Key)] = change);
        return book;
    }

    private void Save(Book book)
    {
        foreach (var id in book.ChangedWallets)
        {
            _wallets[id] = book.Wallets[id];
        }

        foreach (var op in book.Ops.Values)
        {
            _ops[op.Id] = op;
        }

        foreach (var key in book.ChangedBudgets)
        {
            _budgets[key] = book.Budgets[key];
        }

        Entries.AddRange(book.NewEntries);
        _changes.AddRange(book.NewChanges);
        ClosedOps.AddRange(book.ClosedOps);
    }

    private static Wallet Copy(Wallet wallet) => new()
    {
        AccountId = wallet.AccountId,
        PostedNano = wallet.PostedNano,
        HeldNano = wallet.HeldNano,
        PromotionalNano = wallet.PromotionalNano,
        ReceivableNano = wallet.ReceivableNano,
        EntryCount = wallet.EntryCount,
    };

    private static Budget Copy(Budget budget) => new()
    {
        AccountId = budget.AccountId,
        ApiKeyId = budget.ApiKeyId,
        PeriodStartsAt = budget.PeriodStartsAt,
        SpentNano = budget.SpentNano,
        HeldNano = budget.HeldNano,
    };
}
