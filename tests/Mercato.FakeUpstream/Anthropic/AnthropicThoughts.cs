using System.Text.Json;

namespace Mercato.Fake;

/// <summary>Whether thinking comes back unchanged, and where it belongs.</summary>
internal static class AnthropicThoughts
{
    public static Complaint? FindComplaint(JsonElement root, Seals seals, Dialect dialect)
    {
        var messages = root.GetProperty("messages").EnumerateArray().ToList();
        return messages
            .SelectMany((message, i) => AnthropicMessages.BlocksOf(message)
                .Select((block, j) => FindForged(block, $"messages.{i}.content.{j}", seals, dialect)))
            .FirstOrDefault(wrong => wrong is not null)
            ?? (root.Find("thinking")?.Find("type")?.GetString() == "enabled" ? FindMissing(messages) : null);
    }

    private static Complaint? FindForged(JsonElement block, string path, Seals seals, Dialect dialect)
    {
        switch (AnthropicMessages.TypeOf(block))
        {
            case "thinking":
                var seal = block.GetProperty("signature").GetString();
                var text = block.GetProperty("thinking").GetString()!;
                return !seals.IsOwn(dialect, seal)
                    ? AnthropicCheck.Wrong($"{path}: Invalid `signature` in `thinking` block")
                    : text.Length > 0 && !seals.IsOwn(dialect, seal, text)
                        ? AnthropicCheck.Wrong($"{path}: `thinking` or `redacted_thinking` blocks in the latest assistant "
                            + "message cannot be modified. These blocks must remain as they were in the original response.")
                        : null;
            case "redacted_thinking":
                return seals.IsOwn(dialect, block.GetProperty("data").GetString())
                    ? null
                    : AnthropicCheck.Wrong($"{path}: Invalid `data` in `redacted_thinking` block");
            default:
                return null;
        }
    }

    // Only in a tool loop that is still going on, and there only its first message: between calls the models need not
    // think again.
    private static Complaint? FindMissing(List<JsonElement> messages)
    {
        var turn = messages.FindLastIndex(message =>
            message.GetProperty("role").GetString() == "user"
            && !AnthropicMessages.BlocksOf(message).Any(block => AnthropicMessages.TypeOf(block) == "tool_result"));
        if (turn + 1 >= messages.Count)
        {
            return null;
        }

        var types = AnthropicMessages.BlocksOf(messages[turn + 1]).Select(AnthropicMessages.TypeOf).ToList();
        return types.Contains("tool_use") && types[0] is not ("thinking" or "redacted_thinking")
            ? AnthropicCheck.Wrong(
                $"messages.{turn + 1}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{types[0]}`. "
                + "When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceding the "
                + "lastmost set of `tool_use` and `tool_result` blocks).")
            : null;
    }
}
