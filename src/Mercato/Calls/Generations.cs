using System.Text.Json;
using Mercato.Accounts;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Ledger;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Calls;

/// <summary>One call with its bill, in OpenRouter's members and ours.</summary>
public sealed record GenerationView
{
    public required string Id { get; init; }

    public string? UpstreamId { get; init; }

    public required string Model { get; init; }

    public required string ProviderName { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string State { get; init; }

    public required bool Streamed { get; init; }

    public required bool IsByok { get; init; }

    public required MoneyNumber TotalCost { get; init; }

    public required Money TotalCostUsd { get; init; }

    public required MoneyNumber Usage { get; init; }

    public required Money UsageUsd { get; init; }

    public MoneyNumber? UpstreamInferenceCost { get; init; }

    public Money? UpstreamInferenceCostUsd { get; init; }

    public long? TokensPrompt { get; init; }

    public long? TokensCompletion { get; init; }

    public long? NativeTokensPrompt { get; init; }

    public long? NativeTokensCompletion { get; init; }

    public long? NativeTokensReasoning { get; init; }

    public long? NativeTokensCached { get; init; }

    public string? FinishReason { get; init; }

    public long? Latency { get; init; }

    public long? GenerationTime { get; init; }

    public string? App { get; init; }

    public string? Origin { get; init; }

    public string? PriceVersion { get; init; }

    public string? UsageSource { get; init; }

    public string? Settlement { get; init; }

    public string? SettlementReason { get; init; }

    public Money? OperatorLoss { get; init; }

    public JsonElement LineItems { get; init; }

    public JsonElement Attempts { get; init; }

    public static GenerationView Of(Op op)
    {
        var cost = new Money(op.CostNano);
        return new GenerationView
        {
            Id = Op.GenerationId(op.Id),
            UpstreamId = op.UpstreamId,
            Model = op.Model,
            ProviderName = op.Provider,
            CreatedAt = op.CreatedAt,
            State = SnakeCase.Of(op.State.ToString()),
            Streamed = op.IsStream,
            IsByok = op.IsByok,
            TotalCost = new MoneyNumber(cost),
            TotalCostUsd = cost,
            Usage = new MoneyNumber(cost),
            UsageUsd = cost,
            UpstreamInferenceCost = op.ListCostNano is { } list ? new MoneyNumber(new Money(list)) : null,
            UpstreamInferenceCostUsd = op.ListCostNano is { } listed ? new Money(listed) : null,
            TokensPrompt = op.InputTokens,
            TokensCompletion = op.OutputTokens,
            NativeTokensPrompt = op.InputTokens,
            NativeTokensCompletion = op.OutputTokens,
            NativeTokensReasoning = op.ReasoningTokens,
            NativeTokensCached = op.CachedTokens,
            FinishReason = op.FinishReason,
            Latency = op.FirstByteMs,
            GenerationTime = op.DurationMs,
            App = op.App,
            Origin = op.AppUrl,
            PriceVersion = op.PriceVersion,
            UsageSource = op.UsageSource,
            Settlement = op.Settlement is { } settlement ? SnakeCase.Of(settlement.ToString()) : null,
            SettlementReason = op.SettlementReason,
            OperatorLoss = op.OperatorLossNano > 0 ? new Money(op.OperatorLossNano) : null,
            LineItems = Parse(op.LineItems),
            Attempts = Parse(op.Attempts),
        };
    }

    private static JsonElement Parse(string? json)
    {
        using var document = JsonDocument.Parse(json ?? "[]");
        return document.RootElement.Clone();
    }
}

/// <summary>The signed-in account's calls, for the API and for pages.</summary>
public sealed class Generations(MercatoContext context, CurrentAccount account)
{
    /// <summary>By our id ("gen-..." or the bare UUID) or by the id in the upstream's answer.</summary>
    public async Task<Op?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var owner = account.AccountId;
        var ops = context.Set<Op>().AsNoTracking().Where(op => op.AccountId == owner);
        var text = id.StartsWith("gen-", StringComparison.Ordinal) ? id[4..] : id;
        if (Guid.TryParse(text, out var own)
            && await ops.SingleOrDefaultAsync(op => op.Id == own, cancellationToken) is { } found)
        {
            return found;
        }

        return await ops.Where(op => op.UpstreamId == id).OrderByDescending(op => op.CreatedAt)
            .FirstOrDefaultAsync(cancellationToken);
    }

    public Task<List<Op>> ListRecentAsync(int limit, CancellationToken cancellationToken)
    {
        var owner = account.AccountId;
        return context.Set<Op>().AsNoTracking().Where(op => op.AccountId == owner)
            .OrderByDescending(op => op.CreatedAt).Take(limit).ToListAsync(cancellationToken);
    }
}

internal static class GenerationApi
{
    public static void MapGeneration(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/generation", GetGeneration)
            .Tells<Answer<GenerationView>>("The bill of one call, line by line.")
            .Is(EndpointClass.OwnObject).WithTags("Usage")
            .RequireCors(Cors.AnyOrigin);

    private static async Task<IResult> GetGeneration(
        Generations generations, CancellationToken cancellationToken, string? id = null) =>
        string.IsNullOrEmpty(id)
            ? Refusal.Invalid("id", "Name the generation: ?id=gen-... (the x-generation-id of an answer).").ToResult()
            : await generations.FindAsync(id, cancellationToken) is { } op
                ? Results.Ok(new { data = GenerationView.Of(op) })
                : Refusal.NotFound.ToResult();
}
