using System.Collections.Immutable;
using System.Text.Json;
using Mercato.Accounts;
using Mercato.Catalog;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Ledger;
using Mercato.Providers;
using Microsoft.EntityFrameworkCore;
using Budget = Mercato.Accounts.Budget;

namespace Mercato.Recommend;

/// <summary>The body of a request for recommendations: a query, or a conversation in the chat format.</summary>
public sealed record RecommendationRequest(
    string? Query = null, ImmutableArray<JsonElement>? Messages = null, Budget? Budget = null, Money? MaxCost = null,
    RecommendationPreferences? Preferences = null, string? Scope = null, int? Limit = null);

/// <summary>Which of the offered models the caller took.</summary>
public sealed record RecommendationChoice(string? Model);

/// <summary>`/api/v1/recommendations`.</summary>
internal static class Recommendations
{
    private const int MostRecommended = 10;
    private const int UsuallyRecommended = 5;

    public static void MapRecommendations(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/recommendations").Is(EndpointClass.Public).WithTags("Recommendations");
        group.MapPost("", RecommendAsync)
            .Tells<RecommendationAnswer>("Ranks models for a task in your words, with reasons.");
        group.MapPost("{id:guid}/choice", ChooseAsync).Tells("Says which of the recommended models you took.");
    }

    private static async Task<IResult> RecommendAsync(
        RecommendationRequest request, HttpContext http, CurrentAccount current, AddressLimit limit,
        MercatoContext context, Snapshot<CatalogSnapshot> catalog, Reaches reaches, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (limit.Take(http) is { } tooMany) return tooMany.ToResult();
        var account = current.Caller?.AccountId;
        var (wish, refusal) = Read(request, await BudgetOfAsync(account, context, cancellationToken));
        if (wish is null) return refusal!.ToResult();

        var now = time.GetUtcNow();
        var answer = new Recommender(catalog.Current).Recommend(wish, reaches.Of(account), now);
        context.Add(new RecommendationRow
        {
            AccountId = account ?? Guid.Empty,
            Id = answer.Id,
            CreatedAt = now,
            Category = wish.Task.Category,
            Language = wish.Task.Language,
            Complexity = wish.Task.Complexity,
            OfferedModels = [.. answer.Recommendations.Select(it => it.Model)],
        });
        await context.SaveChangesAsync(cancellationToken);
        return Results.Ok(answer);
    }

    private static async Task<IResult> ChooseAsync(
        Guid id, RecommendationChoice choice, CurrentAccount current, MercatoContext context,
        CancellationToken cancellationToken)
    {
        var account = current.Caller?.AccountId ?? Guid.Empty;
        var row = await context.Set<RecommendationRow>()
            .SingleOrDefaultAsync(it => it.AccountId == account && it.Id == id, cancellationToken);
        if (row is null) return Refusal.NotFound.ToResult();
        if (choice.Model is null || !row.OfferedModels.Contains(choice.Model))
            return Refusal.Invalid("model", "Name one of the models of this recommendation.").ToResult();
        row.ChosenModel = choice.Model;
        await context.SaveChangesAsync(cancellationToken);
        return Results.NoContent();
    }

    /// <summary>What the account has set in its profile, where the request does not say.</summary>
    private static async Task<Budget> BudgetOfAsync(
        Guid? account, MercatoContext context, CancellationToken cancellationToken)
    {
        if (account is null) return Budget.Medium;
        var preferred = context.Set<AccountPreferences>().Where(it => it.AccountId == account).Select(it => it.Budget);
        return await preferred.SingleOrDefaultAsync(cancellationToken) ?? Budget.Medium;
    }

    private static (Wish? Wish, Refusal? Refusal) Read(RecommendationRequest request, Budget usual)
    {
        var (text, hasPicture) = TextOf(request);
        if (string.IsNullOrWhiteSpace(text))
            return (null, Refusal.Invalid("query", "Describe the task in `query`, or send `messages`."));
        if (request.Limit is < 1 or > MostRecommended)
            return (null, Refusal.Invalid("limit", $"The limit lies between 1 and {MostRecommended}."));
        if (request.MaxCost is { Nano: <= 0 })
            return (null, Refusal.Invalid("max_cost", "The most that a request may cost is an amount above zero."));
        if (request.Scope is not (null or "all" or "callable"))
            return (null, Refusal.Invalid("scope", "The scope is `all` or `callable`."));

        var preferences = request.Preferences ?? RecommendationPreferences.Nothing;
        var needs = (preferences.Needs ?? []).Select(need => (Asked: need, Known: Needs.Find(need))).ToList();
        if (needs.Find(need => need.Known is null) is { Asked: { } unknown })
        {
            var message = $"'{unknown}' is not one of {string.Join(", ", Needs.Known)}.";
            return (null, Refusal.Invalid("preferences.needs", message));
        }

        var task = TaskAnalysis.Of(text);
        if (hasPicture && !task.Needs.Contains("vision")) task = task with { Needs = task.Needs.Add("vision") };
        return (new Wish(
            task, request.Budget ?? usual, request.MaxCost,
            preferences with { Needs = [.. needs.Select(need => need.Known!)] }, request.Scope == "callable",
            request.Limit ?? UsuallyRecommended), null);
    }

    /// <summary>The query, or the texts of all messages; and whether a message carries a picture.</summary>
    private static (string Text, bool HasPicture) TextOf(RecommendationRequest request)
    {
        if (!string.IsNullOrWhiteSpace(request.Query)) return (request.Query, false);
        var parts = (request.Messages ?? []).SelectMany(PartsOf).ToList();
        var texts = parts.Where(part => part.Text is not null).Select(part => part.Text);
        return (string.Join('\n', texts), parts.Exists(part => part.IsPicture));
    }

    private static IEnumerable<(string? Text, bool IsPicture)> PartsOf(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("content", out var content)) return [];
        return content.ValueKind switch
        {
            JsonValueKind.String => [(content.GetString(), false)],
            JsonValueKind.Array => content.EnumerateArray().Select(PartOf),
            _ => [],
        };
    }

    private static (string? Text, bool IsPicture) PartOf(JsonElement part)
    {
        if (part.ValueKind != JsonValueKind.Object) return (null, false);
        var hasText = part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String;
        return (hasText ? text.GetString() : null, part.TryGetProperty("image_url", out _));
    }
}
