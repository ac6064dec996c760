using System.Text.Json;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Dialects.OpenAiResponses;

public sealed partial class OpenAiResponsesDialect
{
    /// <inheritdoc/>
    public byte[] EditAnswer(ReadOnlyMemory<byte> body, AnswerCost cost, Usage? usage)
    {
        ArgumentNullException.ThrowIfNull(cost);
        var splice = JsonSplice.Read(body) ?? throw new ArgumentException("Not a JSON object.", nameof(body));
        CostMembers.Set(
            splice, cost, usage is null ? default(ReadOnlyMemory<byte>?) : ResponseObject.WriteUsage(usage));
        return splice.ToBytes();
    }

    /// <inheritdoc/>
    public byte[] WriteAnswer(AnswerHead head, ChatAnswer answer, Usage usage, AnswerCost? cost)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(usage);
        var status = ResponseStatus.Of(answer.Finish);
        return ResponseObject.Write(head, status, ListItems(head, answer.Parts, status), usage, cost);
    }

    /// <inheritdoc/>
    public byte[] WriteError(ErrorAnswer error, bool hasIntegerCode) =>
        OpenAiChatDialect.WriteError(error, hasIntegerCode);

    private static List<byte[]> ListItems(AnswerHead head, IReadOnlyList<ChatPart> parts, ResponseStatus status)
    {
        var items = new List<byte[]>();
        var itemStatus = status.Status == "completed" ? "completed" : "incomplete";
        for (var index = 0; index < parts.Count; index++)
        {
            if (parts[index] is TextPart or RefusalPart)
            {
                var content = parts.Skip(index).TakeWhile(part => part is TextPart or RefusalPart).ToList();
                index += content.Count - 1;
                var id = ItemId(head, "msg_", items.Count);
                var messageStatus = index == parts.Count - 1 ? itemStatus : "completed";
                items.Add(JsonWriting.Write(
                    json => OutputItems.WriteMessage(json, id, messageStatus, content.Select(ToPart))));
            }
            else if (ToItem(head, parts[index], items.Count) is { } item)
            {
                items.Add(item);
            }
        }

        return items;
    }

    private static byte[]? ToItem(AnswerHead head, ChatPart part, int place)
    {
        switch (part)
        {
            case ReasoningPart reasoning:
                var text = head.Request?.Reasoning is { IsHidden: true } ? "" : reasoning.Text;
                return text.Length == 0 && reasoning.Seal is null
                    ? null
                    : JsonWriting.Write(json => OutputItems.WriteReasoning(
                        json, ItemId(head, "rs_", place), text, reasoning.Seal));
            case ToolCallPart call:
                var kind = CallKind.Of(head.Request, call.Name, call.IsCustom);
                return JsonWriting.Write(json => OutputItems.WriteCall(
                    json, ItemId(head, kind.IsCustom ? "ctc_" : "fc_", place), "completed", call.Id, kind,
                    kind.Finish(call.Arguments)));
            case OpaquePart { Dialect: Dialect.OpenAiResponses } opaque:
                return JsonWriting.Write(json => json.WriteRaw(opaque.Json));
            default:
                return null;
        }
    }

    private static byte[] ToPart(ChatPart part)
    {
        if (part is RefusalPart refusal)
        {
            return OutputItems.ToPart(refusal.Text, isRefusal: true, null);
        }

        var text = (TextPart)part;
        JsonElement[] citations = text.Annotations is { } known ? [.. Citations.Read(known, text.Text.Length)] : [];
        return OutputItems.ToPart(text.Text, isRefusal: false, citations is [] ? null : JsonArrays.Join(citations));
    }

    /// <summary>Ids are made of the answer's own, so that the same answer has the same.</summary>
    internal static string ItemId(AnswerHead head, string prefix, int place) => $"{head.IdAs(prefix)}_{place}";
}
