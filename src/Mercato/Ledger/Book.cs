namespace Mercato.Ledger;

/// <summary>An op as the ledger knows it before a command changes it.</summary>
internal sealed record KnownOp(
    Guid AccountId, Guid Id, Guid? ApiKeyId, OpState State, long BoundNano, long? BudgetNano, long ProgressNano,
    long CostNano, string? SettlementReason);

/// <summary>
/// The ledger's rules, without I/O, clock or thread: the locked rows that one batch works on, and what the batch
/// changes in them. Every rule is checked against rows as earlier commands of the batch have left them.
/// </summary>
internal sealed class Book(DateTimeOffset now, Guid nodeId, long epoch)
{
    /// <summary>The reason on ops that the sweep closed; only these can be settled late.</summary>
    public const string NodeLost = "node_lost";

    public Dictionary<Guid, Wallet> Wallets { get; } = [];

    public Dictionary<Guid, KnownOp> Ops { get; } = [];

    public Dictionary<(Guid AccountId, Guid ApiKeyId), Budget> Budgets { get; } = [];

    /// <summary>Credits that stand already, by source and event.</summary>
    public Dictionary<(string Source, string EventId), Entry> Credits { get; } = [];

    public Dictionary<(Guid AccountId, string Key), IdempotentChange> Changes { get; } = [];

    /// <summary>Entries that commands refer to, and refunds of them.</summary>
    public Dictionary<(Guid AccountId, long Number), Entry> Entries { get; } = [];

    public HashSet<Guid> ChangedWallets { get; } = [];

    public HashSet<(Guid, Guid)> ChangedBudgets { get; } = [];

    public List<Op> NewOps { get; } = [];

    public List<Op> ClosedOps { get; } = [];

    public List<Lease> ClosedLeases { get; } = [];

    public Dictionary<(Guid AccountId, Guid OpId), long> Progress { get; } = [];

    public List<Entry> NewEntries { get; } = [];

    public List<IdempotentChange> NewChanges { get; } = [];

    public ReserveOutcome Reserve(ReserveOrder order)
    {
        var op = order.Op;
        if (Ops.TryGetValue(op.Id, out var known))
        {
            // The batch was repeated after a lost reply; what it did stands.
            return known.State == OpState.Open ? new ReserveOutcome.Reserved() : new ReserveOutcome.Unavailable();
        }

        var wallet = Wallets[op.AccountId];
        if (wallet.ReceivableNano > 0 && op.BoundNano > 0)
        {
            return new ReserveOutcome.Suspended(new Money(wallet.ReceivableNano));
        }

        if (wallet.Available.Nano < op.BoundNano)
        {
            return new ReserveOutcome.NotEnough("wallet", wallet.Available, new Money(wallet.HeldNano));
        }

        if (order.Budget is { } limit && op.BudgetNano is { } wanted
            && TakeBudget(op.AccountId, limit, wanted) is { } refused)
        {
            return refused;
        }

        wallet.HeldNano = checked(wallet.HeldNano + op.BoundNano);
        ChangedWallets.Add(op.AccountId);
        op.NodeId = nodeId;
        op.Epoch = epoch;
        op.LeaseId = op.Id;
        NewOps.Add(op);
        Ops[op.Id] = new KnownOp(
            op.AccountId, op.Id, op.ApiKeyId, OpState.Open, op.BoundNano, op.BudgetNano, 0, 0, null);
        return new ReserveOutcome.Reserved();
    }

    /// <summary>Closes an op as its record says. False when there was nothing left to close.</summary>
    public bool Close(SettleOrder order)
    {
        var op = order.Op;
        if (!Ops.TryGetValue(op.Id, out var known))
        {
            return false;
        }

        if (known.State != OpState.Open)
        {
            return known.SettlementReason == NodeLost && op.SettlementReason != NodeLost && CloseLate(order, known);
        }

        var cost = Math.Clamp(order.AskedNano, 0, known.BoundNano);
        op.OperatorLossNano = checked(order.AskedLossNano + Math.Max(0, order.AskedNano - cost));
        op.CostNano = cost;
        op.ClosedAt = now;
        var wallet = Wallets[op.AccountId];
        wallet.HeldNano = checked(wallet.HeldNano - known.BoundNano);
        ChangedWallets.Add(op.AccountId);
        Charge(op.AccountId, EntryKind.Charge, cost, op.Id);
        ReleaseBudget(known, !op.IsByok ? cost : order.CountsByok ? op.ListCostNano ?? 0 : 0);
        ClosedOps.Add(op);
        ClosedLeases.Add(new Lease
        {
            AccountId = op.AccountId,
            Id = op.Id,
            NodeId = nodeId,
            Epoch = epoch,
            GrantedNano = known.BoundNano,
            SettledNano = cost,
            ReturnedNano = known.BoundNano - cost,
            ClosedAt = now,
        });
        Ops[op.Id] = known with { State = op.State, CostNano = cost, SettlementReason = op.SettlementReason };
        return true;
    }

    public void Note(ProgressOrder order)
    {
        if (Ops.TryGetValue(order.OpId, out var known) && known.State == OpState.Open
            && order.Delivered.Nano > known.ProgressNano)
        {
            var delivered = Math.Min(order.Delivered.Nano, known.BoundNano);
            Progress[(order.AccountId, order.OpId)] = delivered;
            Ops[order.OpId] = known with { ProgressNano = delivered };
        }
    }

    public GrantOutcome Grant(GrantOrder order)
    {
        if (order.Idempotency is { } asked && Changes.TryGetValue((order.AccountId, asked.Key), out var change))
        {
            return change.Fingerprint == asked.Fingerprint
                ? new GrantOutcome.Granted(Entries[(order.AccountId, change.EntryNumber)], Replayed: true)
                : new GrantOutcome.KeyReused();
        }

        if (Credits.TryGetValue((order.Source, order.EventId), out var earlier))
        {
            return new GrantOutcome.Granted(earlier, Replayed: true);
        }

        return order.ReversalOf is { } number ? Refund(order, number) : Change(order);
    }

    private GrantOutcome Change(GrantOrder order)
    {
        var wallet = Wallets[order.AccountId];
        var amount = order.Amount.Nano;
        if (amount < 0 && wallet.Available < -order.Amount)
        {
            return new GrantOutcome.NotEnough(wallet.Available);
        }

        // What is taken back is paid money first: a gift that is still there stays a gift.
        var promotional = order.Promotional ? amount : 0;
        if (amount < 0)
        {
            promotional = Math.Min(0, checked(wallet.PostedNano + amount) - wallet.PromotionalNano);
        }

        var kind = amount < 0 ? EntryKind.Deduction : EntryKind.Credit;
        var granted = Booked(order, Post(order, kind, amount, promotional));
        PayReceivable(wallet);
        return granted;
    }

    /// <summary>Money that comes in pays what is owed first; then calls are admitted again.</summary>
    private void PayReceivable(Wallet wallet)
    {
        var payment = Math.Min(wallet.ReceivableNano, Math.Max(0, wallet.Available.Nano));
        if (payment > 0)
        {
            wallet.ReceivableNano -= payment;
            Charge(wallet.AccountId, EntryKind.DebtPayment, payment, opId: null);
        }
    }

    private GrantOutcome Refund(GrantOrder order, long number)
    {
        var reversed = Entries.GetValueOrDefault((order.AccountId, number));
        if (reversed is not { Kind: EntryKind.Charge or EntryKind.LateCharge }
            || Entries.Values.Any(entry => entry.AccountId == order.AccountId && entry.ReversalOf == number))
        {
            return new GrantOutcome.NotRefundable();
        }

        return Booked(order, Post(order, EntryKind.Refund, -reversed.AmountNano, -reversed.PromotionalNano));
    }

    private GrantOutcome.Granted Booked(GrantOrder order, Entry entry)
    {
        Credits[(order.Source, order.EventId)] = entry;
        Entries[(entry.AccountId, entry.Number)] = entry;
        if (order.Idempotency is { } asked)
        {
            var change = new IdempotentChange
            {
                AccountId = order.AccountId,
                Key = asked.Key,
                Fingerprint = asked.Fingerprint,
                EntryNumber = entry.Number,
                CreatedAt = now,
            };
            NewChanges.Add(change);
            Changes[(order.AccountId, asked.Key)] = change;
        }

        return new GrantOutcome.Granted(entry, Replayed: false);
    }

    /// <summary>
    /// A call that ends after the sweep released its hold pays what the wallet can still give. The rest is owed, and
    /// nothing more is admitted until it is paid.
    /// </summary>
    private bool CloseLate(SettleOrder order, KnownOp known)
    {
        var op = order.Op;
        if (op.State == OpState.Void && known.CostNano > 0)
        {
            // What was delivered has been charged: a record that says "void" would hide it.
            return false;
        }

        var cost = Math.Clamp(order.AskedNano, 0, known.BoundNano);
        var extra = Math.Max(0, cost - known.CostNano);
        var wallet = Wallets[op.AccountId];
        var charge = Math.Min(extra, wallet.Available.Nano);
        wallet.ReceivableNano = checked(wallet.ReceivableNano + extra - charge);
        ChangedWallets.Add(op.AccountId);
        Charge(op.AccountId, EntryKind.LateCharge, charge, op.Id);
        op.CostNano = known.CostNano + charge;
        op.ClosedAt = now;
        ClosedOps.Add(op);
        Ops[op.Id] = known with { CostNano = op.CostNano, SettlementReason = op.SettlementReason };
        return true;
    }

    private void Charge(Guid accountId, EntryKind kind, long cost, Guid? opId)
    {
        if (cost == 0)
        {
            return;
        }

        var wallet = Wallets[accountId];
        var promotional = Math.Min(cost, wallet.PromotionalNano);
        Post(wallet, -cost, -promotional, (number, balance) => new Entry
        {
            AccountId = accountId,
            Number = number,
            Kind = kind,
            AmountNano = -cost,
            BalanceNano = balance,
            PromotionalNano = -promotional,
            OpId = opId,
            CreatedAt = now,
        });
    }

    private Entry Post(GrantOrder order, EntryKind kind, long amount, long promotional)
    {
        var wallet = Wallets[order.AccountId];
        return Post(wallet, amount, promotional, (number, balance) => new Entry
        {
            AccountId = order.AccountId,
            Number = number,
            Kind = kind,
            AmountNano = amount,
            BalanceNano = balance,
            PromotionalNano = promotional,
            Source = order.Source,
            EventId = order.EventId,
            ReversalOf = order.ReversalOf,
            Reason = order.Reason,
            ActorId = order.ActorId,
            CreatedAt = now,
        });
    }

    private Entry Post(Wallet wallet, long amount, long promotional, Func<long, long, Entry> make)
    {
        wallet.PostedNano = checked(wallet.PostedNano + amount);
        wallet.PromotionalNano = checked(wallet.PromotionalNano + promotional);
        wallet.EntryCount++;
        ChangedWallets.Add(wallet.AccountId);
        var entry = make(wallet.EntryCount, wallet.PostedNano);
        NewEntries.Add(entry);
        return entry;
    }

    private ReserveOutcome.NotEnough? TakeBudget(Guid accountId, BudgetLimit limit, long wanted)
    {
        var budget = Budgets[(accountId, limit.ApiKeyId)];
        var spent = budget.PeriodStartsAt < limit.PeriodStartsAt ? 0 : budget.SpentNano;
        var left = limit.Limit.Nano - spent - budget.HeldNano;
        if (left < wanted)
        {
            return new ReserveOutcome.NotEnough("key", new Money(Math.Max(0, left)), new Money(budget.HeldNano));
        }

        budget.SpentNano = spent;
        budget.PeriodStartsAt = limit.PeriodStartsAt > budget.PeriodStartsAt ? limit.PeriodStartsAt : budget.PeriodStartsAt;
        budget.HeldNano = checked(budget.HeldNano + wanted);
        ChangedBudgets.Add((accountId, limit.ApiKeyId));
        return null;
    }

    private void ReleaseBudget(KnownOp known, long spent)
    {
        if (known is { BudgetNano: { } held, ApiKeyId: { } key })
        {
            var budget = Budgets[(known.AccountId, key)];
            budget.HeldNano = checked(budget.HeldNano - held);
            budget.SpentNano = checked(budget.SpentNano + Math.Min(spent, held));
            ChangedBudgets.Add((known.AccountId, key));
        }
    }
}
