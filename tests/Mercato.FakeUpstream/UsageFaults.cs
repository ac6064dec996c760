using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>Usage that is missing or lies. The journal keeps both the truth and the lie.</summary>
internal static class UsageFaults
{
    private static readonly Dictionary<string, Func<JsonObject, JsonNode?>> Lies = new()
    {
        ["negative"] = usage => usage.Set("completion_tokens", "-5"),
        ["float"] = usage => usage.Set("completion_tokens", "12.5"),
        ["whole-float"] = usage => usage.Set("completion_tokens", "12.0"),
        ["string"] = usage => usage.Set("completion_tokens", "\"12\""),
        ["huge"] = usage => usage.Set("completion_tokens", "9223372036854775808"),
        ["infinite"] = usage => usage.Set("completion_tokens", "1e309"),
        ["null"] = usage => usage.Set("completion_tokens", "null"),
        ["absent"] = usage => usage.Without("completion_tokens"),
        ["list"] = _ => new JsonArray(),
        ["above"] = usage => usage.Set("completion_tokens", "100000000"),
        ["cached-above"] = usage => usage.Set("prompt_tokens_details", "{\"cached_tokens\":100000000}"),
    };

    public static readonly IReadOnlyList<Term> Terms =
    [
        new("no-usage", "", "no usage member") { Claim = (_, _) => null },
        new("zero-usage", "", "usage with explicit zeros")
        {
            Claim = (usage, _) => usage
                .Set("prompt_tokens", "0").Set("completion_tokens", "0").Set("total_tokens", "0"),
        },
        new("bad-usage", "=kind", $"a wrong count: {string.Join(", ", Lies.Keys)}")
        {
            Choices = Lies.Keys,
            Claim = (usage, kind) => Lies[kind](usage),
        },
    ];

    private static JsonObject Set(this JsonObject usage, string member, string json)
    {
        usage[member] = JsonNode.Parse(json);
        return usage;
    }

    private static JsonObject Without(this JsonObject usage, string member)
    {
        usage.Remove(member);
        return usage;
    }
}
