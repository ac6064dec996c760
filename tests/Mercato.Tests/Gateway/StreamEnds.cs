using System.Text.Json;

namespace Mercato.Tests.Gateway;

/// <summary>Judges a caller's stream as a strict client would: each event is JSON, and exactly one end comes, last.</summary>
internal static class StreamEnds
{
    private static readonly string[] ResponsesEnds = ["response.completed", "response.incomplete", "response.failed"];

    private static readonly string[] MessagesEnds = ["message_stop", "error"];

    public static string? FindFlaw(CallerFace face, string text)
    {
        if (text.Contains('\uFEFF'))
        {
            return "a byte order mark, which some clients take for a part of the first field's name";
        }

        var blocks = text.ReplaceLineEndings("\n").Split("\n\n");
        if (blocks[^1].Length > 0)
        {
            return "the last event has no blank line";
        }

        var events = blocks.Select(Event.Read).OfType<Event>()
            .Where(each => face != CallerFace.Messages || each.Type != "ping").ToList();
        return face == CallerFace.Chat ? FindChatFlaw(events)
            : face == CallerFace.Responses ? FindResponsesFlaw(events)
            : FindMessagesFlaw(events);
    }

    private static string? FindChatFlaw(List<Event> events)
    {
        if (events.Count == 0)
        {
            return "nothing";
        }

        if (events.FindIndex(each => each.IsDone || each.Json.TryGetProperty("error", out _)) is var end && end < 0)
        {
            return "no end";
        }

        var ended = events.SelectMany(each => each.IsDone || !each.Json.TryGetProperty("choices", out var choices)
            ? [] : choices.EnumerateArray()).Any(choice =>
            choice.TryGetProperty("finish_reason", out var reason) && reason.ValueKind == JsonValueKind.String);
        return end != events.Count - 1 ? "something after the end"
            : events[end].IsDone && !ended ? "done without a finish_reason"
            : null;
    }

    private static string? FindResponsesFlaw(List<Event> events)
    {
        var numbers = events.ConvertAll(each => each.Json.GetProperty("sequence_number").GetInt64());
        return numbers.Zip(numbers.Skip(1)).Any(pair => pair.First >= pair.Second)
            ? "sequence numbers that do not rise"
            : FindNamedFlaw(events, ResponsesEnds);
    }

    private static string? FindMessagesFlaw(List<Event> events)
    {
        if (FindNamedFlaw(events, MessagesEnds) is { } flaw)
        {
            return flaw;
        }

        if (events[^1].Type == "error")
        {
            return null;
        }

        var open = events.Count(each => each.Type == "content_block_start")
            - events.Count(each => each.Type == "content_block_stop");
        return events[0].Type != "message_start" ? "no message_start"
            : open != 0 ? $"{open} blocks left open"
            : events.TrueForAll(each => each.Type != "message_delta") ? "no message_delta"
            : null;
    }

    private static string? FindNamedFlaw(List<Event> events, string[] ends)
    {
        var end = events.FindIndex(each => ends.Contains(each.Type));
        return end < 0 ? "no end"
            : end != events.Count - 1 ? "something after the end"
            : events.Find(each => each.Name.Length > 0 && each.Name != each.Type) is { } odd
                ? $"an event '{odd.Name}' of type '{odd.Type}'"
                : null;
    }

    private sealed record Event(string Name, bool IsDone, JsonElement Json)
    {
        public string Type => Json.Text("type");

        public static Event? Read(string block)
        {
            var lines = block.Split('\n');
            var data = string.Join('\n', ValuesOf(lines, "data:"));
            return data.Length == 0 ? null : new Event(
                ValuesOf(lines, "event:").LastOrDefault() ?? "", data == "[DONE]",
                data == "[DONE]" ? default : JsonDocument.Parse(data).RootElement);
        }

        private static IEnumerable<string> ValuesOf(string[] lines, string field) => lines
            .Where(line => line.StartsWith(field, StringComparison.Ordinal))
            .Select(line => line[field.Length..] is [' ', .. var rest] ? rest : line[field.Length..]);
    }
}
