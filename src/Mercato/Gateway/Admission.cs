using Mercato.Accounts;
using Mercato.Catalog;
using Mercato.Hosting;
using Mercato.Ledger;
using Mercato.Wire;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>What a call holds, or would hold, and why not if it may not.</summary>
/// <param name="Ceiling">The most that it may use.</param>
/// <param name="Bound">The most that it may cost.</param>
/// <param name="Refusal">Null when the money is there.</param>
internal sealed record Hold(CallCeiling Ceiling, Money Bound, Refusal? Refusal);

/// <summary>Holds the most that a call may cost before a byte of it goes out, or says why not.</summary>
internal sealed class Admission(Ledger.Ledger ledger, IOptions<GatewayOptions> options, TimeProvider time)
{
    private const int TokensPerPicture = 3_072;
    private const int PagesOfRemoteFile = 100;
    private const int AudioBytesPerToken = 32;

    /// <summary>A cut below this is no answer; then the call is refused instead.</summary>
    private const long FloorTokens = 1_024, ReasoningFloorTokens = 4_096;

    /// <summary>
    /// Holds the bound of the dearest candidate, so that any of them may answer. When the caller set no limit and the
    /// hold would take more than half of the balance, the output is limited to what half of it buys. Candidates that
    /// credits cannot pay are taken out of the list when others go on the caller's own keys.
    /// </summary>
    public Task<Hold> ReserveAsync(GatewayCall call, List<Candidate> candidates, CancellationToken cancellationToken) =>
        AskAsync(call, candidates, ledger.ReserveAsync, cancellationToken);

    /// <summary>What <see cref="ReserveAsync"/> would come to now, by the same rules; nothing is held.</summary>
    public Task<Hold> ForeseeAsync(GatewayCall call, List<Candidate> candidates, CancellationToken cancellationToken) =>
        AskAsync(call, candidates, ledger.ForeseeAsync, cancellationToken);

    private async Task<Hold> AskAsync(
        GatewayCall call, List<Candidate> candidates,
        Func<ReserveOrder, CancellationToken, Task<ReserveOutcome>> ask, CancellationToken cancellationToken)
    {
        if (candidates.Any(candidate => !candidate.IsByok && !candidate.IsWildcard) && Unpriced(call) is { } unpriced
            && !OnlyOwnKeys(call, candidates))
        {
            return new Hold(Ceiling(call, candidates), Money.Zero, unpriced);
        }

        var ceiling = Ceiling(call, candidates);
        var bound = Bound(candidates, ceiling);
        var mayShrink = call.Work is null && (call.Facts.OutputLimit is null || call.Caller.ApiKey?.OnLowBalance == OnLowBalance.Shrink);
        if (bound > Money.Zero && mayShrink)
        {
            var wallet = await ledger.GetWalletAsync(call.Caller.AccountId, cancellationToken);
            var half = new Money(wallet.Available.Nano / 2);
            if (bound > half)
            {
                (ceiling, bound) = Shrink(call, candidates, ceiling, half);
            }
        }

        var op = NewOp(call, candidates[0], bound, candidates, ceiling);
        var outcome = await ask(new ReserveOrder(op, Budget(call.Caller.ApiKey)), cancellationToken);
        if (outcome is ReserveOutcome.Reserved)
        {
            call.Op = op;
            return new Hold(ceiling, bound, null);
        }

        // An empty wallet, a key's limit and a debt all say that credits cannot pay, and nothing about own keys.
        if (outcome is ReserveOutcome.NotEnough or ReserveOutcome.Suspended && OnlyOwnKeys(call, candidates))
        {
            return await AskAsync(call, candidates, ask, cancellationToken);
        }

        var wanted = outcome is ReserveOutcome.NotEnough { Source: "key" } ? new Money(op.BudgetNano ?? 0) : bound;
        return new Hold(ceiling, bound, Refuse(
            outcome, wanted, call.Work is null ? Affordable(candidates, ceiling, outcome) : null));
    }

    /// <summary>What credits cannot pay may still be served with the caller's own keys, when there are any.</summary>
    private static bool OnlyOwnKeys(GatewayCall call, List<Candidate> candidates)
    {
        if (!candidates.Any(candidate => candidate.IsByok))
        {
            return false;
        }

        call.InjectedLimit = null;
        return candidates.RemoveAll(candidate => !candidate.IsByok) > 0;
    }

    /// <summary>The most that the call may use at any of the candidates.</summary>
    internal CallCeiling Ceiling(GatewayCall call, List<Candidate> candidates) =>
        call.Work?.Ceiling(candidates) ?? Ceiling(call.Facts, candidates);

    /// <summary>
    /// The safe ceilings of LEDGER 6: a token of a byte-level tokenizer is at least one byte, and no host reads more
    /// than the model's context.
    /// </summary>
    private CallCeiling Ceiling(RequestFacts facts, List<Candidate> candidates)
    {
        var size = facts.Input;
        var input = size.TextBytes + (16L * size.Messages) + (32L * facts.Tools) + 64
            + (TokensPerPicture * (size.Images + size.Pages + (size.UncountedFileBytes / 1024)
                + ((long)PagesOfRemoteFile * size.RemoteFiles)));
        var audio = size.AudioBytes / AudioBytesPerToken;
        if (candidates.Max(candidate => candidate.Offer?.ContextWindow ?? candidate.CatalogModel?.ContextWindow
            ?? int.MaxValue) is var context && context < input)
        {
            input = context;
        }

        var most = candidates.Max(candidate =>
            (long?)(candidate.Offer?.MaxOutputTokens ?? candidate.CatalogModel?.MaxOutputTokens));
        var output = facts.OutputLimit is { } limit
            ? Math.Min(limit, most ?? limit)
            : most ?? options.Value.DefaultMaxOutput;
        return new CallCeiling(
            Math.Min(input, Pricing.CountLimit - 1), Math.Min(output, Pricing.CountLimit - 1), facts.Choices,
            Math.Min(audio, Pricing.CountLimit - 1));
    }

    private static (CallCeiling, Money) Shrink(
        GatewayCall call, List<Candidate> candidates, CallCeiling ceiling, Money half)
    {
        var floor = candidates.Any(candidate => candidate.CatalogModel?.Can("reasoning") == true)
            ? ReasoningFloorTokens
            : FloorTokens;
        var affordable = Math.Max(floor, Affordable(candidates, ceiling, half));
        if (affordable >= ceiling.OutputTokens)
        {
            return (ceiling, Bound(candidates, ceiling));
        }

        call.InjectedLimit = affordable;
        ceiling = ceiling with { OutputTokens = affordable };
        return (ceiling, Bound(candidates, ceiling));
    }

    private static Money Bound(List<Candidate> candidates, CallCeiling ceiling) =>
        candidates.Where(candidate => !candidate.IsByok)
            .Select(candidate => Pricing.UpperBound(candidate.Price!, ceiling, candidate.MarkupBps))
            .DefaultIfEmpty(Money.Zero).Max();

    private static long Affordable(List<Candidate> candidates, CallCeiling ceiling, Money money) =>
        candidates.Where(candidate => !candidate.IsByok)
            .Select(candidate => Pricing.AffordableOutput(candidate.Price!, ceiling, money, candidate.MarkupBps))
            .DefaultIfEmpty(ceiling.OutputTokens).Min();

    private static long? Affordable(List<Candidate> candidates, CallCeiling ceiling, ReserveOutcome outcome) =>
        outcome is ReserveOutcome.NotEnough short_ ? Affordable(candidates, ceiling, short_.Available) : null;

    private Op NewOp(
        GatewayCall call, Candidate first, Money bound, List<Candidate> candidates, CallCeiling ceiling)
    {
        var key = call.Caller.ApiKey;
        long? budget = key?.Limit is null ? null : bound.Nano;
        if (budget is not null && key!.IncludeByokInLimit
            && candidates.Where(candidate => candidate.Price is not null).ToList() is { Count: > 0 } priced)
        {
            budget = priced.Max(candidate => Pricing.UpperBound(candidate.Price!, ceiling, candidate.MarkupBps)).Nano;
        }

        return new Op
        {
            AccountId = call.Caller.AccountId,
            Id = call.OpId,
            UserId = call.Caller.UserId,
            ApiKeyId = key?.Id,
            BoundNano = bound.Nano,
            BudgetNano = budget,
            CreatedAt = time.GetUtcNow(),
            Model = first.Model.Replace("\0", "", StringComparison.Ordinal),
            OfferId = first.Offer?.Id,
            Provider = first.Host.Id,
            PriceVersion = first.Price?.Id,
            IsByok = first.IsByok,
            IsStream = call.Facts.IsStream,
            Dialect = call.Work?.Format ?? WireFormats.NameOf(call.Dialect.Dialect),
            App = call.App,
            AppUrl = call.AppUrl,
        };
    }

    private BudgetLimit? Budget(ApiKey? key) =>
        key is { Limit: { } limit }
            ? new BudgetLimit(key.Id, limit, LimitPeriod.StartOf(key.LimitReset, time.GetUtcNow()))
            : null;

    /// <summary>
    /// Members that make a call dearer without a price to tell by how much are refused by name. Tools that the provider
    /// bills are left out, by name, when they only stand beside tools of the caller's own.
    /// </summary>
    private static Refusal? Unpriced(GatewayCall call)
    {
        var facts = call.Facts;
        // A coding agent offers a web search beside its own tools whether or not it is wanted: it works without.
        var isAside = facts.ServerTools.Count > 0 && facts.ServerTools.Count < facts.Tools
            && facts.Provider?.RequireParameters != true && !PaidTools.IsDemanded(facts.Members);
        call.DropsPaidTools = isAside;
        if (facts.CostMembers.Count == 0 && (facts.ServerTools.Count == 0 || isAside))
        {
            return null;
        }

        var name = facts.CostMembers.Count > 0 ? facts.CostMembers[0] : "tools";
        var what = facts.CostMembers.Count > 0 ? $"`{name}`" : $"The server tool `{facts.ServerTools[0]}`";
        return Refusal.Invalid(name,
            $"{what} costs extra at the provider and has no price here, so it is not sold with credits. Leave it out, or "
            + "call the model with your own provider key.") with { Name = "unpriced_parameter" };
    }

    private static Refusal Refuse(ReserveOutcome outcome, Money bound, long? affordable) => outcome switch
    {
        ReserveOutcome.NotEnough short_ => NotEnough(short_, bound, affordable ?? 0),
        ReserveOutcome.Suspended suspended => new Refusal(402, "account_suspended",
            $"This account owes ${suspended.Receivable} for earlier calls. Add credits; then calls work again."),
        _ => new Refusal(503, "ledger_unavailable",
            "The call could not be booked, so it was not made. Try again in a moment.") { RetryAfterSeconds = 2 },
    };

    private static Refusal NotEnough(ReserveOutcome.NotEnough short_, Money bound, long affordable)
    {
        var (source, more) = short_.Source == "wallet"
            ? ("you have", "add credits")
            : ("this API key's limit leaves", "raise the limit");
        var held = short_.Held > Money.Zero ? $" (${short_.Held} more is held by running calls)" : "";
        var advice = affordable > 0 ? $"Lower max_tokens to <= {affordable} or {more}." : $"To go on, {more}.";
        // Money that running calls still hold may come back: then trying again helps, and SDKs do so on 429.
        var mayHelp = (short_.Available + short_.Held) >= bound;
        return new Refusal(
            mayHelp ? 429 : 402, mayHelp ? "in_flight_budget_exhausted" : "insufficient_credits",
            $"This call could cost up to ${bound}; {source} ${short_.Available}{held}. {advice}")
        {
            RetryAfterSeconds = mayHelp ? 2 : null,
            Metadata = new Dictionary<string, object?>
            {
                ["limit_source"] = short_.Source,
                ["required"] = bound.ToString(),
                ["available"] = short_.Available.ToString(),
                ["held"] = short_.Held.ToString(),
                ["affordable_max_tokens"] = affordable,
            },
        };
    }
}
