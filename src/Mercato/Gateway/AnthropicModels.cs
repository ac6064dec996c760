using System.Globalization;
using Mercato.Catalog;
using Mercato.Catalog.Api;
using Mercato.Hosting;

namespace Mercato.Gateway;

/// <summary>A model as Anthropic's clients read it. An unknown release date is written as the epoch, as Anthropic does.</summary>
public sealed record AnthropicModel(string Type, string Id, string DisplayName, string CreatedAt)
{
    internal static AnthropicModel Of(Model model) => new(
        "model", model.Id.ToString(), model.Name,
        (model.ReleaseDate?.Start ?? DateTimeOffset.UnixEpoch).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
}

/// <summary>A page of Anthropic's list, newest first.</summary>
public sealed record AnthropicModelList(
    IReadOnlyList<AnthropicModel> Data, bool HasMore, string? FirstId, string? LastId);

/// <summary>The list of models for callers that send `anthropic-version`.</summary>
internal static class AnthropicModels
{
    private const int MaxLimit = 1000;

    public static bool IsWanted(HttpContext http) => http.Request.Headers.ContainsKey("anthropic-version");

    /// <summary>The page between `after_id` and `before_id`; without a limit it holds everything.</summary>
    public static IResult List(HttpContext http, CatalogView view)
    {
        var asked = http.Request.Query;
        var limit = MaxLimit * MaxLimit;
        if (asked["limit"].ToString() is { Length: > 0 } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            return Refusal.Invalid("limit", $"'limit' is a number from 1 to {MaxLimit}.").ToResult();
        }

        var page = view.List(new CatalogQuery
        {
            Scope = CatalogScope.Callable,
            Kinds = [ModelKind.Chat],
            Sort = CatalogSort.Newest,
        });
        var models = page.Items.Select(item => AnthropicModel.Of(item.Model)).ToList();
        var (after, before) = (asked["after_id"].ToString(), asked["before_id"].ToString());
        var (start, end) = (models.FindIndex(model => model.Id == after) + 1,
            models.FindIndex(model => model.Id == before) is >= 0 and var place ? place : models.Count);
        if ((after.Length > 0 && start == 0) || (before.Length > 0 && end == models.Count))
        {
            return Refusal.Invalid(start == 0 && after.Length > 0 ? "after_id" : "before_id",
                "No model of this list has that id.").ToResult();
        }

        // Going backwards, a page ends where the known one begins.
        var slice = before.Length > 0
            ? models[Math.Max(start, end - limit)..end]
            : models[start..Math.Min(end, start + limit)];
        return new TaggedJson<AnthropicModelList>(new(
            slice, slice.Count < end - start, slice.FirstOrDefault()?.Id, slice.LastOrDefault()?.Id));
    }
}
