using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>Usage that is missing or lies. The journal keeps both the truth and the lie.</summary>
internal static class UsageFaults
{
    private static readonly Dictionary<string, Func<JsonObject, UsageNames, JsonNode?>> Lies = new()
    {
        ["negative"] = (usage, names) => usage.Set(names.Output, "-5"),
        ["float"] = (usage, names) => usage.Set(names.Output, "12.5"),
        ["whole-float"] = (usage, names) => usage.Set(names.Output, "12.0"),
        ["string"] = (usage, names) => usage.Set(names.Output, "\"12\""),
        ["huge"] = (usage, names) => usage.Set(names.Output, "9223372036854775808"),
        ["infinite"] = (usage, names) => usage.Set(names.Output, "1e309"),
        ["null"] = (usage, names) => usage.Set(names.Output, "null"),
        ["absent"] = (usage, names) => usage.Set(names.Output, null),
        ["list"] = (_, _) => new JsonArray(),
        ["empty"] = (_, _) => new JsonObject(),
        ["above"] = (usage, names) => usage.Set(names.Output, "100000000"),
        ["cached-above"] = (usage, names) => usage.Set(names.Cached is null ? [] : [names.Cached], "100000000"),
    };

    public static readonly IReadOnlyList<Term> Terms =
    [
        new("no-usage", "", "no usage member") { Claim = (_, _) => null },
        new("zero-usage", "", "usage with explicit zeros")
        {
            Claim = (usage, zero) => usage.Set(
                [
                    .. zero.Turn.Dialect.UsageNames.Input, .. zero.Turn.Dialect.UsageNames.Output,
                    .. zero.Turn.Dialect.UsageNames.Others,
                ],
                "0"),
        },
        new("bad-usage", "=kind", $"a wrong count: {string.Join(", ", Lies.Keys)}")
        {
            Choices = Lies.Keys,
            Claim = (usage, kind) => Lies[kind.Text](usage, kind.Turn.Dialect.UsageNames),
        },
    ];

    /// <summary>Sets (null: removes) the members at the paths, making objects on the way.</summary>
    private static JsonObject Set(this JsonObject usage, IEnumerable<string> paths, string? json)
    {
        foreach (var path in paths)
        {
            var names = path.Split('.');
            var owner = usage;
            foreach (var name in names[..^1])
            {
                owner = (JsonObject)(owner[name] ??= new JsonObject());
            }

            if (json is null)
            {
                owner.Remove(names[^1]);
            }
            else
            {
                owner[names[^1]] = JsonNode.Parse(json);
            }
        }

        return usage;
    }
}
