using System.Collections.Immutable;
using System.Text.Json;
using Mercato.Catalog;
using Mercato.Hosting;
using Mercato.Ledger;
using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>What a call costs its caller, and why: the table "who pays what".</summary>
/// <param name="Cost">What the wallet pays.</param>
/// <param name="Reason">The row of the table.</param>
/// <param name="Usage">What was used, as told or as counted; null when nothing is charged.</param>
/// <param name="UsageSource">"provider" or "counted".</param>
/// <param name="Bill">The line items; null when nothing was priced.</param>
internal sealed record Verdict(Money Cost, string Reason, Usage? Usage, string? UsageSource, Bill? Bill)
{
    public Money OperatorLoss { get; init; }

    public bool IsVoid => Bill is null;
}

/// <summary>Ends calls for the books, whatever became of them.</summary>
internal sealed class Settling(Ledger.Ledger ledger, TimeProvider time)
{
    /// <summary>Text is counted at four UTF-8 bytes a token when a provider does not tell.</summary>
    private const int BytesPerToken = 4;

    private const int TokensPerPicture = 765;

    /// <summary>Decides, makes it durable, and returns what the answer shows of it.</summary>
    public async Task<AnswerCost> SettleAsync(GatewayCall call, PumpResult result)
    {
        var verdict = Judge(call, result);
        var op = Record(call, verdict);
        if (verdict.IsVoid)
        {
            await ledger.VoidAsync(new SettleOrder(op));
        }
        else
        {
            await ledger.SettleAsync(new SettleOrder(op, call.Caller.ApiKey?.IncludeByokInLimit == true));
        }

        return Show(call, op, verdict);
    }

    /// <summary>Ends a call that never got an answer.</summary>
    public Task VoidAsync(GatewayCall call, string reason)
    {
        var op = Record(call, new Verdict(Money.Zero, reason, null, null, null));
        return ledger.VoidAsync(new SettleOrder(op));
    }

    /// <summary>Notes on the way what has been delivered, so that a crash of ours bills no more than that.</summary>
    public async Task NoteProgressAsync(GatewayCall call)
    {
        if (call.Op is { BoundNano: > 0 } op && call.Candidate is { IsByok: false, Price: { } price }
            && call.Received.HasOutput)
        {
            await ledger.NoteProgressAsync(new ProgressOrder(
                op.AccountId, op.Id, Charge(call, call.Candidate, price, Counted(call)).Total));
        }
    }

    internal static Verdict Judge(GatewayCall call, PumpResult result)
    {
        var received = call.Received;
        if (result.End == AnswerEnd.Failed && received.Error is not null)
        {
            return Nothing("error_finish");
        }

        if (result.End == AnswerEnd.Failed && !call.HasForwarded)
        {
            // Nothing of it reached the caller.
            return Nothing("no_output");
        }

        if (received.FinishReasons.Contains("error") || received.Finish?.Reason == FinishReason.Error)
        {
            return Nothing("error_finish");
        }

        var reason = result.End switch
        {
            AnswerEnd.CallerLeft => "caller_left",
            AnswerEnd.Failed => "upstream_broke_off",
            _ => "complete",
        };
        // Once a choice has said why it ended, usage is final, whether or not the end marker still came through.
        // A host that tells no output, or of output only that it held no reasoning, has not told what came.
        if (received.Usage is { } told && (result.End == AnswerEnd.Complete || received.HasFinished)
            && (told.IsSuspect || told.OutputText is not null || told.TotalOutput > 0 || !received.HasOutput))
        {
            return told.TotalOutput is null or 0 && !received.HasOutput
                ? Nothing("no_output")
                : Priced(call, told, "provider", told.IsSuspect ? "usage_not_believed" : reason);
        }

        if (!received.HasOutput)
        {
            return Nothing(result.End == AnswerEnd.CallerLeft ? "caller_left_before_output" : "no_output");
        }

        return Priced(call, Counted(call), "counted", reason);
    }

    private static Verdict Nothing(string reason) => new(Money.Zero, reason, null, null, null);

    private static Verdict Priced(GatewayCall call, Usage usage, string source, string reason)
    {
        var bound = new Money(call.Op!.BoundNano);
        if (call.Candidate!.Price is not { } price)
        {
            return new Verdict(Money.Zero, reason, usage, source, new Bill(Money.Zero, [], ""));
        }

        if (call.Candidate.IsByok)
        {
            var list = usage.IsSuspect ? new Bill(Money.Zero, [], price.Id) : Charge(call, call.Candidate, price, usage);
            return new Verdict(Money.Zero, reason, usage, source, list);
        }

        if (usage.IsSuspect)
        {
            // Figures that cannot be: the hold is what was agreed to, no more and no less.
            return new Verdict(bound, reason, usage, source, Clamped(new Bill(Money.Zero, [], price.Id), bound));
        }

        var bill = Charge(call, call.Candidate, price, usage);
        return bill.Total <= bound
            ? new Verdict(bill.Total, reason, usage, source, bill)
            : new Verdict(bound, "above_bound", usage, source, Clamped(bill, bound))
            {
                OperatorLoss = bill.Total - bound,
            };
    }

    /// <summary>The bill for what was used at a candidate.</summary>
    internal static Bill Charge(GatewayCall call, Candidate candidate, PriceVersion price, Usage usage) =>
        call.Work?.Charge(price, usage, candidate.MarkupBps) ?? Pricing.Charge(price, usage, candidate.MarkupBps);

    /// <summary>The items still sum to what is paid: one more says what the bound changed.</summary>
    private static Bill Clamped(Bill bill, Money bound)
    {
        var difference = (bound - bill.Total).ToString();
        return bill with
        {
            Total = bound,
            LineItems = bill.LineItems.Add(new LineItem("bound", 1, difference, difference)),
        };
    }

    /// <summary>What goes in, by size.</summary>
    internal static long CountInput(RequestFacts facts)
    {
        var size = facts.Input;
        return Math.Min(
            Tokens(size.TextBytes) + ((size.Images + size.Pages) * TokensPerPicture), Pricing.CountLimit - 1);
    }

    /// <summary>What went in and what has come out so far, by size.</summary>
    private static Usage Counted(GatewayCall call)
    {
        var received = call.Received;
        return new Usage
        {
            InputUncached = CountInput(call.Facts),
            OutputText = Tokens(received.TextBytes + received.ToolBytes),
            Reasoning = received.ReasoningBytes > 0 ? Tokens(received.ReasoningBytes) : null,
        };
    }

    private static long Tokens(long bytes) => (bytes + BytesPerToken - 1) / BytesPerToken;

    private Op Record(GatewayCall call, Verdict verdict)
    {
        var op = call.Op!;
        var candidate = call.Candidate;
        if (candidate is not null)
        {
            op.Model = Clean(candidate.Model)!;
            op.OfferId = candidate.Offer?.Id;
            op.Provider = candidate.Host.Id;
            op.PriceVersion = candidate.Price?.Id;
            op.IsByok = candidate.IsByok;
        }

        var usage = verdict.Usage;
        op.CostNano = verdict.Cost.Nano;
        op.OperatorLossNano = verdict.OperatorLoss.Nano;
        op.ListCostNano = op.IsByok ? verdict.Bill?.Total.Nano : null;
        op.InputTokens = usage?.TotalInput;
        op.OutputTokens = usage?.TotalOutput;
        op.CachedTokens = usage?.CacheRead;
        op.ReasoningTokens = usage?.Reasoning;
        op.UsageSource = verdict.UsageSource;
        op.SettlementReason = verdict.Reason;
        op.FinishReason = call.Received.FinishReasons.Count > 0 ? Clean(call.Received.FinishReasons[0]) : null;
        op.UpstreamId = Clean(call.Received.UpstreamId);
        op.FirstByteMs = call.FirstByteMs;
        op.DurationMs = call.ElapsedMs;
        op.LineItems = JsonSerializer.Serialize(Items(op, verdict), Json.Options);
        op.Attempts = JsonSerializer.Serialize(call.Attempts, Json.Options);
        op.ClosedAt = time.GetUtcNow();
        return op;
    }

    /// <summary>PostgreSQL keeps no NUL in text, and a host may send one.</summary>
    private static string? Clean(string? text) => text?.Replace("\0", "", StringComparison.Ordinal);

    /// <summary>Items sum to what is paid, so a call on the caller's own key has none.</summary>
    private static ImmutableArray<LineItem> Items(Op op, Verdict verdict) =>
        op.IsByok ? [] : verdict.Bill?.LineItems ?? [];

    private static AnswerCost Show(GatewayCall call, Op op, Verdict verdict)
    {
        var cost = verdict.Cost.ToString();
        var wasCut = op.FinishReason == "length" || call.Received.Finish?.Reason == FinishReason.Length;
        var limited = call.InjectedLimit is not null && wasCut ? "balance" : null;
        var mercato = new Dictionary<string, object?>
        {
            ["cost_usd"] = cost,
            ["generation_id"] = Op.GenerationId(op.Id),
            ["price_version"] = op.PriceVersion,
            ["line_items"] = Items(op, verdict),
        };
        if (limited is not null)
        {
            mercato["limited_by"] = limited;
        }

        if (call.Candidate is { } candidate)
        {
            mercato["reason"] = AnswerHeaders.Reason(call, candidate);
        }

        return new AnswerCost(cost, op.IsByok, op.IsByok ? verdict.Bill?.Total.ToString() ?? "0" : null,
            JsonSerializer.SerializeToUtf8Bytes(mercato, Json.Options));
    }
}
