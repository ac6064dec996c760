using System.Text.Json;

namespace Mercato.Fake;

/// <summary>Whether thought signatures come back, and are ours.</summary>
internal static class GeminiThoughts
{
    /// <summary>Google's own way to bring in calls that another model made.</summary>
    private static readonly string[] Excuses =
        ["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"];

    public static Complaint? FindForged(JsonElement root, Seals seals, Dialect dialect) =>
        root.GetProperty("contents").EnumerateArray().SelectMany(GeminiContents.PartsOf)
            .Select(part => part.FindEither("thoughtSignature")?.GetString())
            .Any(seal => seal is not null && !Excuses.Contains(seal) && !seals.IsOwn(dialect, seal))
            ? GeminiCheck.Wrong("Thought signature is not valid.")
            : null;

    /// <summary>In the current turn, the first call of each step must carry its signature.</summary>
    public static Complaint? FindForgotten(JsonElement root)
    {
        var contents = root.GetProperty("contents").EnumerateArray().ToList();
        var turn = contents.FindLastIndex(content => content.Find("role")?.GetString() is not "model"
            && GeminiContents.PartsOf(content).All(part => part.FindEither("functionResponse") is null));
        foreach (var content in contents.Skip(turn + 1))
        {
            var first = GeminiContents.PartsOf(content)
                .FirstOrDefault(part => part.FindEither("functionCall") is not null);
            if (first.FindEither("functionCall") is { } call && first.FindEither("thoughtSignature") is null)
            {
                return GeminiCheck.Wrong(
                    "Function call is missing a thought_signature in functionCall parts. This is required for tools to work "
                    + $"correctly. Additional data, function call `default_api:{call.Find("name")}`.");
            }
        }

        return null;
    }
}
