using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>Writes the message of a whole answer.</summary>
internal sealed class MessageWriter
{
    private readonly Utf8JsonWriter _json;
    private readonly AnswerHead _head;
    private readonly IReadOnlyList<ChatPart> _parts;
    private readonly string?[] _ids;

    public MessageWriter(Utf8JsonWriter json, AnswerHead head, ChatAnswer answer)
    {
        var unique = new UniqueIds();
        (_json, _head, _parts) = (json, head, answer.Parts);
        _ids = [.. answer.Parts.Select(part => part is ToolCallPart call ? unique.Give(call.Id) : null)];
    }

    public void Write()
    {
        var text = string.Concat(_parts.OfType<TextPart>().Select(part => part.Text));
        var refusal = string.Concat(_parts.OfType<RefusalPart>().Select(part => part.Text));
        var isSilent = text.Length == 0 && (refusal.Length > 0 || _parts.Any(part => part is ToolCallPart));
        _json.WriteStartObject();
        _json.WriteString("role", "assistant");
        _json.WriteString("content", isSilent ? null : text);
        _json.WriteString("refusal", refusal.Length > 0 ? refusal : null);
        WriteReasoning();
        WriteAnnotations();
        AnswerMessage.WriteMedia(_json, _parts.OfType<OpaquePart>().Select(part => (part.Dialect, part.Json)));
        WriteCalls();
        _json.WriteEndObject();
    }

    private void WriteReasoning()
    {
        var hides = _head.Request?.Reasoning?.IsHidden == true;
        var thoughts = _parts.Index().Where(place => place.Item is ReasoningPart thought
            && (thought.Text.Length > 0 ? !hides : thought.Seal is not null)).ToList();
        var text = string.Concat(thoughts.Select(place => ((ReasoningPart)place.Item).Text));
        if (text.Length > 0)
        {
            _json.WriteString("reasoning_content", text);
        }

        if (thoughts.Count == 0)
        {
            return;
        }

        _json.WriteStartArray("reasoning_details");
        foreach (var (number, (place, part)) in thoughts.Index())
        {
            var thought = (ReasoningPart)part;
            if (thought.Seal is null)
            {
                ReasoningDetail.WriteText(_json, thought.Text, number);
            }
            else
            {
                var callId = place + 1 < _ids.Length ? _ids[place + 1] : null;
                ReasoningDetail.WriteSeal(_json, thought.Seal, thought.Text, thought.Text.Length == 0, callId, number);
            }
        }

        _json.WriteEndArray();
    }

    private void WriteAnnotations()
    {
        var citations = new List<byte[]>();
        var start = 0;
        foreach (var part in _parts.OfType<TextPart>())
        {
            if (part.Annotations is { } notes && UrlCitations.Write(notes, start, start + part.Text.Length) is { } own)
            {
                citations.Add(own[1..^1]);
            }

            start += part.Text.Length;
        }

        if (citations.Count > 0)
        {
            _json.WriteStartArray("annotations");
            citations.ForEach(own => _json.WriteRawValue(own, skipInputValidation: true));
            _json.WriteEndArray();
        }
    }

    private void WriteCalls()
    {
        if (!_parts.Any(part => part is ToolCallPart))
        {
            return;
        }

        _json.WriteStartArray("tool_calls");
        foreach (var (place, part) in _parts.Index())
        {
            if (part is ToolCallPart call)
            {
                WriteCall(call, _ids[place]!, place > 0 ? _parts[place - 1] : null);
            }
        }

        _json.WriteEndArray();
    }

    private void WriteCall(ToolCallPart call, string id, ChatPart? before)
    {
        var isCustom = call.IsCustom || AnswerMessage.IsCustom(_head, call.Name);
        var input = !isCustom ? (call.Arguments.Length == 0 ? "{}" : call.Arguments)
            : call.IsCustom ? call.Arguments : CustomTools.Unwrap(call.Arguments);
        AnswerMessage.WriteCall(_json, null, id, call.Name, input, isCustom, SealOf(before));
    }

    private static Seal? SealOf(ChatPart? before) =>
        before is ReasoningPart { Text: "", Seal: { IsRedacted: false } seal } ? seal : null;
}
