using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

internal sealed partial class HostBody
{
    private void WriteMessages(Utf8JsonWriter json)
    {
        json.WriteStartArray("messages");
        if (chat.Format?.Schema is { } schema && !HasSchema)
        {
            WriteText(json, "system", $"Answer with one JSON object that fits this JSON schema:\n{schema.ToRaw()}");
        }

        var calls = new OpenCalls(FitId);
        var turns = Turns.Of(chat).ToList();
        for (var place = 0; place < turns.Count;)
        {
            var run = turns.Skip(place).TakeWhile(message => message.Role != ChatRole.Assistant).ToList();
            if (run.Count > 0)
            {
                WriteCallerRun(json, run, calls);
                place += run.Count;
            }
            else
            {
                // Calls of a turn before, to which nobody answered.
                WriteResults(json, [], calls);
                WriteModelTurn(json, turns[place++], calls);
            }
        }

        // A history may end with calls, whose results are then nowhere.
        WriteResults(json, [], calls);
        json.WriteEndArray();
    }

    private string FitId(string id) => _quirks.HasNineCharCallIds ? CallId.FitNine(id) : CallId.Fit(id);

    private void WriteModelTurn(Utf8JsonWriter json, ChatMessage turn, OpenCalls calls)
    {
        var parts = turn.Parts;
        var text = Turns.TextOf(parts);
        var hasCalls = parts.Any(part => part is ToolCallPart);
        _dropped.AddIf(
            parts.Any(part => part is not (ToolCallPart or ReasoningPart) && Turns.WordsOf(part) is null), "messages");
        if (text.Length == 0 && !hasCalls)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("role", "assistant");
        json.WriteTextIfAny("name", turn.Name);
        json.WriteString("content", text.Length > 0 ? text : null);
        WriteThoughts(json, parts, hasCalls);
        if (hasCalls)
        {
            json.WriteStartArray("tool_calls");
            ChatPart? before = null;
            foreach (var part in parts)
            {
                if (part is ToolCallPart call)
                {
                    WriteCall(json, call, calls.Open(call), before);
                }

                before = part;
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WriteThoughts(Utf8JsonWriter json, IReadOnlyList<ChatPart> parts, bool hasCalls)
    {
        var thoughts = parts.OfType<ReasoningPart>().ToList();
        var text = string.Concat(thoughts.Select(thought => thought.Text));
        if (text.Length > 0 && hasCalls && _quirks.WantsThoughtsBack)
        {
            json.WriteString("reasoning_content", text);
        }

        var entries = thoughts
            .Where(thought => thought.Seal?.IsOf(target.Provider) == true)
            .Select(thought => ReasoningDetail.Restore(thought.Seal!, thought.Text)).OfType<byte[]>().ToList();
        if (entries.Count > 0)
        {
            json.WriteStartArray("reasoning_details");
            entries.ForEach(entry => json.WriteRawValue(entry, skipInputValidation: true));
            json.WriteEndArray();
        }
    }

    private void WriteCall(Utf8JsonWriter json, ToolCallPart call, string id, ChatPart? before)
    {
        var isCustom = call.IsCustom && _quirks.AcceptsCustomTools;
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("type", isCustom ? "custom" : "function");
        json.WriteStartObject(isCustom ? "custom" : "function");
        json.WriteString("name", call.Name);
        // Hosts that parse the history refuse a call whose arguments are no object.
        json.WriteString(
            isCustom ? "input" : "arguments",
            isCustom ? call.Arguments : System.Text.Encoding.UTF8.GetString(call.ToObject()));
        json.WriteEndObject();
        if (before is ReasoningPart { Text: "", Seal: { } seal } && seal.IsOf(target.Provider)
            && !seal.Value.StartsWith('{'))
        {
            json.WriteStartObject("extra_content");
            json.WriteStartObject("google");
            json.WriteString("thought_signature", seal.Value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Messages of the caller up to the model's next: results first, which must follow their calls.</summary>
    private void WriteCallerRun(Utf8JsonWriter json, List<ChatMessage> run, OpenCalls calls)
    {
        var hadCalls = calls.Any;
        var results = run.SelectMany(message => message.Parts.OfType<ToolResultPart>()).ToList();
        var rest = WriteResults(json, results, calls);
        foreach (var message in run)
        {
            var parts = Sayable(message.Parts.Where(part => part is not ToolResultPart));
            if (message.Role == ChatRole.User)
            {
                // What a tool message can't hold stands before the user's own words.
                parts.InsertRange(0, rest);
                rest = [];
            }

            if (parts.Count == 0)
            {
                continue;
            }

            if (hadCalls && _quirks.NeedsReplyToTools && message.Role == ChatRole.User)
            {
                WriteText(json, "assistant", "OK");
                hadCalls = false;
            }

            WriteCallerMessage(json, message, parts);
        }
    }

    private void WriteCallerMessage(Utf8JsonWriter json, ChatMessage message, List<ChatPart> parts)
    {
        json.WriteStartObject();
        json.WriteString("role", message.Role switch
        {
            ChatRole.System => "system",
            ChatRole.Developer => _quirks.AcceptsDeveloperRole ? "developer" : "system",
            _ => "user",
        });
        json.WriteTextIfAny("name", message.Name);
        WriteContent(json, parts);
        json.WriteEndObject();
    }

    /// <summary>Writes a tool message for every open call, and returns what could not stand in one.</summary>
    private List<ChatPart> WriteResults(Utf8JsonWriter json, List<ToolResultPart> results, OpenCalls calls)
    {
        var rest = new List<ChatPart>();
        foreach (var result in results)
        {
            if (calls.Close(result.CallId) is { } call)
            {
                WriteResult(json, call.HostId, [.. Turns.Told(result).Where(IsText)]);
                var media = Sayable(result.Parts.Where(part => !IsText(part)));
                if (media.Count > 0)
                {
                    rest.Add(new TextPart($"Returned by the tool {call.Name}:"));
                    rest.AddRange(media);
                }
            }
            else
            {
                // Without its call a tool message is refused, but what it says may matter.
                rest.Add(new TextPart($"Result of the tool {result.Name ?? result.CallId}:\n"));
                rest.AddRange(Sayable(result.Parts));
            }
        }

        foreach (var id in calls.CloseAll())
        {
            WriteResult(json, id, [new TextPart(CallPairs.NoResult)]);
        }

        return rest;
    }

    private void WriteResult(Utf8JsonWriter json, string id, List<ChatPart> parts)
    {
        json.WriteStartObject();
        json.WriteString("role", "tool");
        json.WriteString("tool_call_id", id);
        WriteContent(json, parts);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string role, string text)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteString("content", text);
        json.WriteEndObject();
    }
}
