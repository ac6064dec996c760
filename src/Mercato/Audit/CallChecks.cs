using System.Data.Common;

namespace Mercato.Audit;

/// <summary>Reads every call with its lease and its charges, one by one.</summary>
internal sealed class CallChecks(AuditRun run, IReadOnlyDictionary<Guid, AuditNode> nodes)
{
    private readonly Dictionary<Guid, Int128> _unpaid = [];

    public long Ops { get; private set; }

    public Int128 OperatorLoss { get; private set; }

    /// <summary>What calls that ended late have left unpaid, by wallet. Later payments are not in it.</summary>
    public IReadOnlyDictionary<Guid, Int128> Unpaid => _unpaid;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        AuditedCall? call = null;
        await foreach (var row in run.View.ReadAsync(
            $"""
            SELECT o.account_id, o.id, o.node_id, o.epoch, o.state, o.bound_nano, o.progress_nano, o.closed_at,
                o.cost_nano, o.operator_loss_nano, o.settlement, o.settlement_reason, o.line_items,
                l.node_id, l.epoch, l.granted_nano, l.settled_nano, l.returned_nano, l.closed_at,
                e.number, e.kind, e.amount_nano
            FROM {run.Window.Ops}
                LEFT JOIN leases l ON l.account_id = o.account_id AND l.id = o.lease_id
                LEFT JOIN entries e ON e.account_id = o.account_id AND e.op_id = o.id
            ORDER BY o.account_id, o.id
            """, run.Window, cancellationToken))
        {
            var (account, id) = (row.GetGuid(0), row.GetGuid(1));
            if (call is null || call.Id != id || call.Account != account)
            {
                Finish(call);
                call = new AuditedCall(row);
            }

            call.TakeCharge(row);
        }

        Finish(call);
    }

    private void Finish(AuditedCall? call)
    {
        if (call is null)
        {
            return;
        }

        Ops++;
        OperatorLoss += call.OperatorLoss;
        if (call.OperatorLoss < 0)
        {
            Find(call, AuditRule.OperatorLoss, $"The operator's loss of a call is {Dollars.Show(call.OperatorLoss)}.");
        }

        CheckEnd(call);
        CheckCharge(call);
        CheckLease(call);
        if (!call.IsOpen)
        {
            CheckLineItems(call);
        }
    }

    private void CheckEnd(AuditedCall call)
    {
        var isWhole = call.State switch
        {
            "open" => call is { ClosedAt: null, Settlement: null, Reason: null },
            "settled" => call is { ClosedAt: not null, Settlement: "settled" or "operator_loss", Reason.Length: > 0 },
            "void" => call is { ClosedAt: not null, Settlement: "void" or "operator_loss", Reason.Length: > 0 },
            _ => false,
        };
        if (!isWhole)
        {
            Find(call, AuditRule.CallEnd, $"A call is '{call.State}' with settlement '{call.Settlement}' for reason "
                + $"'{call.Reason}', {(call.ClosedAt is null ? "without" : "with")} a time of its end.");
        }
    }

    private void CheckCharge(AuditedCall call)
    {
        if (call.Charges > 1 || call.LateCharges > 1)
        {
            Find(call, AuditRule.Charge, $"A call was charged {call.Charges} times, and {call.LateCharges} times late.");
        }

        var charged = call.Charged + call.ChargedLate;
        if (call.IsOpen ? call.Cost != 0 || charged != 0 : charged != call.Cost)
        {
            Find(call, AuditRule.Charge, $"A call that is {call.State} costs {Dollars.Show(call.Cost)}, but "
                + $"{Dollars.Show(charged)} was charged for it.");
        }

        if (call.State == "void" && (call.Cost != 0 || charged != 0))
        {
            Find(call, AuditRule.Charge, $"A void call costs {Dollars.Show(call.Cost)}, and {Dollars.Show(charged)} was "
                + "charged for it.");
        }

        if (call.Cost < 0 || call.Cost > call.Bound || call.Progress < 0 || call.Progress > call.Bound)
        {
            Find(call, AuditRule.Charge, $"A call costs {Dollars.Show(call.Cost)} ({Dollars.Show(call.Progress)} on the way), "
                + $"but its bound is {Dollars.Show(call.Bound)}.");
        }
    }

    private void CheckLease(AuditedCall call)
    {
        if (!nodes.TryGetValue(call.NodeId, out var node) || node.Epoch != call.Epoch)
        {
            Find(call, AuditRule.Lease, $"A call names the server {call.NodeId} in epoch {call.Epoch}, which never was.");
        }

        if (call.Lease is not { } lease)
        {
            Find(call, AuditRule.Lease, "A call has no lease.");
            return;
        }

        if (lease.NodeId != call.NodeId || lease.Epoch != call.Epoch || lease.Granted != call.Bound)
        {
            Find(call, AuditRule.Lease, $"The lease of a call is {Dollars.Show(lease.Granted)} for the server {lease.NodeId}, "
                + $"but the call's bound is {Dollars.Show(call.Bound)} on {call.NodeId}.");
        }

        if (call.IsOpen != lease.ClosedAt is null)
        {
            Find(call, AuditRule.Lease, call.IsOpen
                ? "A call is open, but its lease is closed."
                : $"A call is {call.State}, but its lease is open.");
        }
        else if (call.IsOpen
            ? lease.Settled != 0 || lease.Returned != 0
            : (Int128)lease.Settled + lease.Returned != lease.Granted || lease.Settled != call.Charged)
        {
            Find(call, AuditRule.Lease, $"Of a lease of {Dollars.Show(lease.Granted)}, {Dollars.Show(lease.Settled)} was settled "
                + $"and {Dollars.Show(lease.Returned)} returned; the call was charged {Dollars.Show(call.Charged)}.");
        }
    }

    /// <summary>
    /// A call that ended after the sweep had closed it is billed in full, but pays only what its wallet could give: its
    /// items may be more than its cost, and what they are more is owed.
    /// </summary>
    private void CheckLineItems(AuditedCall call)
    {
        if (call.LineItems is null)
        {
            if (call.Cost != 0 && call.Reason != "node_lost")
            {
                Find(call, AuditRule.LineItems, $"A call costs {Dollars.Show(call.Cost)} without line items.");
            }

            return;
        }

        if (BillItems.Sum(call.LineItems) is not { } items)
        {
            Find(call, AuditRule.LineItems, "The line items of a call cannot be read as amounts of at most 12 decimals.");
            return;
        }

        var cost = (Int128)call.Cost * BillItems.PicoPerNano;
        if (call.IsLate && items % BillItems.PicoPerNano == 0 && items <= (Int128)call.Bound * BillItems.PicoPerNano)
        {
            if (items > cost)
            {
                _unpaid[call.Account] =
                    _unpaid.GetValueOrDefault(call.Account) + (items - cost) / BillItems.PicoPerNano;
                return;
            }

            // The sweep had charged what was provably delivered; a smaller bill that came late changed nothing.
            if (call.LateCharges == 0)
            {
                return;
            }
        }

        if (items != cost)
        {
            Find(call, AuditRule.LineItems, $"The line items of a call sum to {BillItems.Dollars(items)}, but it costs "
                + $"{Dollars.Show(call.Cost)}.");
        }
    }

    private void Find(AuditedCall call, AuditRule rule, string message) =>
        run.Find(rule, call.Account, message, call.Id);
}

internal sealed record AuditedLease(
    Guid NodeId, long Epoch, long Granted, long Settled, long Returned, long? ClosedAt);

/// <summary>A call as its row tells it, with what was charged for it.</summary>
internal sealed class AuditedCall(DbDataReader row)
{
    public Guid Account { get; } = row.GetGuid(0);

    public Guid Id { get; } = row.GetGuid(1);

    public Guid NodeId { get; } = row.GetGuid(2);

    public long Epoch { get; } = row.GetInt64(3);

    public string State { get; } = row.GetString(4);

    public long Bound { get; } = row.GetInt64(5);

    public long Progress { get; } = row.GetInt64(6);

    public long? ClosedAt { get; } = row.LongOrNull(7);

    public long Cost { get; } = row.GetInt64(8);

    public long OperatorLoss { get; } = row.GetInt64(9);

    public string? Settlement { get; } = row.TextOrNull(10);

    public string? Reason { get; } = row.TextOrNull(11);

    public string? LineItems { get; } = row.TextOrNull(12);

    public AuditedLease? Lease { get; } = row.IdOrNull(13) is { } node
        ? new AuditedLease(node, row.GetInt64(14), row.GetInt64(15), row.GetInt64(16), row.GetInt64(17), row.LongOrNull(18))
        : null;

    public bool IsOpen => State == "open";

    /// <summary>It came back after the sweep had closed it, and with it the lease.</summary>
    public bool IsLate => Lease?.ClosedAt is { } released && ClosedAt > released;

    public int Charges { get; private set; }

    public int LateCharges { get; private set; }

    public Int128 Charged { get; private set; }

    public Int128 ChargedLate { get; private set; }

    public void TakeCharge(DbDataReader charge)
    {
        switch (charge.TextOrNull(20))
        {
            case null:
                break;
            case "late_charge":
                LateCharges++;
                ChargedLate -= charge.GetInt64(21);
                break;
            default:
                Charges++;
                Charged -= charge.GetInt64(21);
                break;
        }
    }
}
