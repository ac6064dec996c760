using System.Text.Json;
using Mercato.Wire;

namespace Mercato.Fuzz;

/// <summary>In which order a caller may expect events.</summary>
internal static class CallerGrammar
{
    public static void Check(Dialect dialect, List<JsonElement> events, bool isFinished)
    {
        switch (dialect)
        {
            case Dialect.OpenAiChat:
                CheckChat(events);
                break;
            case Dialect.OpenAiResponses:
                CheckResponses(events, isFinished);
                break;
            default:
                CheckAnthropic(events, isFinished);
                break;
        }
    }

    /// <summary>Calls begin with id and name, in the order of their indexes.</summary>
    private static void CheckChat(List<JsonElement> events)
    {
        var calls = 0;
        foreach (var call in events.SelectMany(Deltas).SelectMany(delta => Items(delta, "tool_calls")))
        {
            var index = call.GetProperty("index").GetInt32();
            WellFormed.Expect(index >= 0 && index <= calls, "A call's index is skipped.");
            WellFormed.Expect(index < calls || call.TryGetProperty("id", out _), "A call begins without its id.");
            calls = Math.Max(calls, index + 1);
        }
    }

    private static void CheckResponses(List<JsonElement> events, bool isFinished)
    {
        for (var index = 0; index < events.Count; index++)
        {
            WellFormed.Expect(events[index].GetProperty("sequence_number").GetInt32() == index, "A sequence number is wrong.");
        }

        string[] ends = isFinished
            ? ["response.completed", "response.incomplete", "response.failed"] : ["response.failed", "error"];
        WellFormed.Expect(ends.Contains(Type(events[^1])), $"The last event is {Type(events[^1])}.");
        var open = new HashSet<int>();
        foreach (var one in events)
        {
            switch (Type(one))
            {
                case "response.output_item.added":
                    WellFormed.Expect(open.Add(one.GetProperty("output_index").GetInt32()), "An item was added twice.");
                    break;
                case "response.output_item.done":
                    WellFormed.Expect(open.Contains(one.GetProperty("output_index").GetInt32()), "An item ends unbegun.");
                    break;
            }
        }
    }

    /// <summary>Blocks stand one behind the other, numbered from 0.</summary>
    private static void CheckAnthropic(List<JsonElement> events, bool isFinished)
    {
        var (blocks, isOpen) = (0, false);
        foreach (var one in events)
        {
            switch (Type(one))
            {
                case "content_block_start":
                    WellFormed.Expect(!isOpen && Index(one) == blocks, "A block begins inside another.");
                    isOpen = true;
                    break;
                case "content_block_delta":
                    WellFormed.Expect(isOpen && Index(one) == blocks, "A piece stands outside of its block.");
                    break;
                case "content_block_stop":
                    WellFormed.Expect(isOpen && Index(one) == blocks, "A block ends that is not open.");
                    (blocks, isOpen) = (blocks + 1, false);
                    break;
            }
        }

        WellFormed.Expect(events.Count(one => Type(one) == "message_start") <= 1, "The message starts twice.");
        WellFormed.Expect(!isFinished || (!isOpen && Type(events[0]) == "message_start"), "The message has no start.");
        WellFormed.Expect(Type(events[^1]) == (isFinished ? "message_stop" : "error"), $"The last event is {Type(events[^1])}.");
    }

    private static string Type(JsonElement one) => one.GetProperty("type").GetString()!;

    private static int Index(JsonElement one) => one.GetProperty("index").GetInt32();

    private static IEnumerable<JsonElement> Deltas(JsonElement chunk) =>
        Items(chunk, "choices").Where(choice => choice.TryGetProperty("delta", out _)).Select(choice => choice.GetProperty("delta"));

    private static List<JsonElement> Items(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var list)
            && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];
}
