using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

internal sealed partial class ChatBody
{
    /// <summary>Calls that wait for their results, for results that name no call.</summary>
    private readonly LinkedList<(string Id, string Name)> _open = [];
    private readonly Dictionary<string, Queue<LinkedListNode<(string Id, string Name)>>> _openById = [];
    private int _minted;

    private List<ChatMessage> ReadMessages()
    {
        var messages = new List<ChatMessage>();
        foreach (var (index, message) in _body.List("messages").Index())
        {
            var path = $"messages[{index}]";
            if (ReadMessage(message, path) is { } read)
            {
                messages.Add(read);
            }
        }

        return messages;
    }

    private ChatMessage? ReadMessage(JsonElement message, string path)
    {
        var role = message.FindText("role");
        ChatRole? speaker = role switch
        {
            "system" => ChatRole.System,
            "developer" => ChatRole.Developer,
            "user" or "tool" or "function" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            _ => null,
        };
        if (speaker is null)
        {
            if (role is null)
            {
                RefuseMissing(path + ".role");
            }
            else
            {
                Refuse(path + ".role", "must be system, developer, user, assistant or tool", "invalid_value");
            }

            return null;
        }

        var parts = role switch
        {
            "assistant" => ReadAssistant(message, path),
            "tool" or "function" => [ReadResult(message, path)],
            _ => ReadContent(message.Find("content") ?? default, path + ".content"),
        };
        if (CacheHintOf(message) is { } hint && parts.Count > 0)
        {
            parts[^1] = parts[^1] with { CacheHint = hint };
        }

        return new ChatMessage(speaker.Value, parts, role is "tool" or "function" ? null : message.FindText("name"));
    }

    private List<ChatPart> ReadAssistant(JsonElement message, string path)
    {
        var thoughts = ReadThoughts(message);
        // An entry that names a call is the seal of that call and stands before it.
        var parts = new List<ChatPart>();
        var ids = message.List("tool_calls").Select(call => call.FindText("id")).ToHashSet();
        parts.AddRange(thoughts
            .Where(thought => thought.CallId is not { } id || !ids.Contains(id)).Select(thought => thought.Part));
        parts.AddRange(ReadContent(message.Find("content") ?? default, path + ".content"));
        if (message.FindText("refusal") is { Length: > 0 } refusal)
        {
            parts.Add(new RefusalPart(refusal));
        }

        foreach (var (index, call) in message.List("tool_calls").Index())
        {
            var own = thoughts.Where(thought => thought.CallId is { } id && id == call.FindText("id")).ToList();
            parts.AddRange(own.Select(thought => thought.Part));
            if (own.Count == 0
                && call.Find("extra_content")?.Find("google")?.FindText("thought_signature") is { Length: > 0 } seal)
            {
                parts.Add(new ReasoningPart("", Seal.Parse(seal)));
            }

            ReadCall(call, $"{path}.tool_calls[{index}]", parts);
        }

        if (message.Find("function_call") is { } function)
        {
            AddCall(null, function, isCustom: false, path + ".function_call", parts);
        }

        return parts;
    }

    private void ReadCall(JsonElement call, string path, List<ChatPart> parts)
    {
        var custom = call.Find("custom");
        if ((custom ?? call.Find("function")) is { } function)
        {
            var place = path + (custom is not null ? ".custom" : ".function");
            AddCall(call.FindText("id"), function, custom is not null, place, parts);
        }
        else
        {
            RefuseMissing(path + ".function");
        }
    }

    private void AddCall(string? id, JsonElement function, bool isCustom, string path, List<ChatPart> parts)
    {
        if (function.FindText("name") is not { Length: > 0 } name)
        {
            RefuseMissing(path + ".name");
            return;
        }

        var input = function.Find("arguments") ?? function.Find("input");
        var text = input is { ValueKind: JsonValueKind.String } ? input.Value.ReadText() : input?.ToRaw() ?? "";
        parts.Add(OpenCall(new ToolCallPart(id ?? "", name, text, isCustom)));
    }

    private ToolCallPart OpenCall(ToolCallPart call)
    {
        var named = call.Id.Length > 0 ? call : call with { Id = $"call_{_minted++}" };
        if (!_openById.TryGetValue(named.Id, out var alike))
        {
            _openById[named.Id] = alike = new();
        }

        alike.Enqueue(_open.AddLast((named.Id, named.Name)));
        return named;
    }

    private ToolResultPart ReadResult(JsonElement message, string path)
    {
        var name = message.FindText("name");
        var id = message.FindText("tool_call_id");
        if (string.IsNullOrEmpty(id))
        {
            // The dialect's first days had no ids; results came in the order of the calls.
            id = _open.Where(call => name is null || call.Name == name).Select(call => call.Id).FirstOrDefault();
            if (id is null)
            {
                RefuseMissing(path + ".tool_call_id");
                id = "";
            }
        }

        return CloseCall(new ToolResultPart(id, ReadContent(message.Find("content") ?? default, path + ".content"))
        {
            Name = name,
        });
    }

    private ToolResultPart CloseCall(ToolResultPart result)
    {
        if (!_openById.TryGetValue(result.CallId, out var alike) || !alike.TryDequeue(out var first))
        {
            return result;
        }

        _open.Remove(first);
        return result with { Name = result.Name ?? first.Value.Name };
    }

    private static List<(string? CallId, ReasoningPart Part)> ReadThoughts(JsonElement message)
    {
        var thoughts = new List<(string? CallId, ReasoningPart Part)>();
        foreach (var entry in message.List("reasoning_details"))
        {
            if (ReadThought(entry) is { } part)
            {
                thoughts.Add((entry.FindText("id"), part));
            }
        }

        // The entries repeat the plain text; a client that keeps only one of them may have lost the other.
        var plain = message.FindText("reasoning_content") ?? message.FindText("reasoning");
        if (plain is { Length: > 0 } && thoughts.TrueForAll(thought => thought.Part.Text.Length == 0))
        {
            thoughts.Insert(0, (null, new ReasoningPart(plain)));
        }

        return thoughts;
    }

    private static ReasoningPart? ReadThought(JsonElement entry)
    {
        var text = entry.FindText("text") ?? entry.FindText("summary") ?? "";
        var seal = entry.FindText("data") is { Length: > 0 } data ? Seal.Parse(data, isRedacted: true)
            : entry.FindText("signature") is { Length: > 0 } signature ? Seal.Parse(signature)
            : null;
        return text.Length > 0 || seal is not null ? new ReasoningPart(text, seal) : null;
    }
}
