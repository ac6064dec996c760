using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

/// <summary>An item of an input or an output, as it stands on the wire.</summary>
/// <param name="Id">Its id; null when it has none, so that nobody can refer to it.</param>
/// <param name="Json">The item's bytes.</param>
public readonly record struct KeptItem(string? Id, ReadOnlyMemory<byte> Json);

/// <summary>What a request takes up from earlier answers.</summary>
/// <param name="PreviousResponseId">The answer that it follows; null for none.</param>
/// <param name="ItemIds">Items that it only names.</param>
/// <param name="ConversationId">The conversation that it goes on with; null for none.</param>
public sealed record ItemReferences(
    string? PreviousResponseId, IReadOnlyList<string> ItemIds, string? ConversationId = null)
{
    /// <summary>Whether the request stands on its own.</summary>
    public bool IsEmpty => PreviousResponseId is null && ItemIds.Count == 0 && ConversationId is null;
}

/// <summary>For whoever keeps items so that a later request may refer to them.</summary>
public sealed partial class OpenAiResponsesDialect
{
    private const string ReferenceType = "item_reference";
    private const string ConversationMember = "conversation";

    /// <summary>What a request refers to by <c>previous_response_id</c>, <c>conversation</c> and
    /// <c>item_reference</c>.</summary>
    public static ItemReferences ListReferences(JsonMembers request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var previous = request.FindValue("previous_response_id") is { } value
            && JsonText.ParseElement(value.Span) is { ValueKind: JsonValueKind.String } id ? id.ReadText() : null;
        return new ItemReferences(
            previous,
            [.. ReadItems(request).Where(IsReference).Select(item => item.FindText("id")).OfType<string>().Distinct()],
            ConversationOf(request));
    }

    /// <summary>The request as it stands when nobody but us knows its conversation: what was said before stands in
    /// its input, and the name is gone.</summary>
    public static JsonMembers WriteOutConversation(JsonMembers request, IReadOnlyList<KeptItem> history)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(history);
        return JsonMembers.Read(new JsonSplice(request)
            .Remove(ConversationMember).Set("input", JoinInput(request, history)).ToBytes())!;
    }

    /// <summary>The request with items before its input, which keeps its conversation's name; the request itself when
    /// there are none.</summary>
    public static JsonMembers InsertBefore(JsonMembers request, IReadOnlyList<KeptItem> items)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(items);
        return items.Count == 0 ? request
            : JsonMembers.Read(new JsonSplice(request).Set("input", JoinInput(request, items)).ToBytes())!;
    }

    /// <summary>A whole answer that names the conversation it belongs to, where its host didn't.</summary>
    public static byte[] NameConversation(byte[] answer, JsonMembers request)
    {
        var splice = JsonSplice.Read(answer) ?? throw new ArgumentException("Not a JSON object.", nameof(answer));
        NameConversation(splice, request);
        return splice.IsEmpty ? answer : splice.ToBytes();
    }

    internal static void NameConversation(JsonSplice response, JsonMembers? request)
    {
        if (request is not null && ConversationOf(request) is { } id
            && response.FindValue(ConversationMember) is not { Span: [(byte)'{', ..] })
        {
            response.Set(ConversationMember, JsonWriting.WriteObject(json => json.WriteString("id", id)));
        }
    }

    /// <summary>The id of the conversation that a request names, as a text or as an object.</summary>
    internal static string? ConversationOf(JsonMembers request) =>
        request.FindValue(ConversationMember) is { } value && JsonText.ParseElement(value.Span) is { } named
            ? named.ValueKind switch
            {
                JsonValueKind.String => named.ReadText(),
                JsonValueKind.Object => named.FindText("id"),
                _ => null,
            }
            : null;

    private static byte[] JoinInput(JsonMembers request, IReadOnlyList<KeptItem> before) => JsonWriting.Write(json =>
    {
        json.WriteStartArray();
        foreach (var item in before.Concat(ListInput(request)))
        {
            json.WriteRawValue(item.Json.Span, skipInputValidation: true);
        }

        json.WriteEndArray();
    });

    /// <summary>
    /// The body with kept items in the place of what only names them: <paramref name="history"/> before the input
    /// instead of <c>previous_response_id</c>, and each of <paramref name="items"/> for its reference. A reference to
    /// an item that is not there stays. All other bytes stay as they were.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="history">Input and output items of the answers before, oldest first.</param>
    /// <param name="items">Items by id.</param>
    public static byte[] InsertItems(
        JsonMembers request, IReadOnlyList<KeptItem> history, IReadOnlyDictionary<string, KeptItem> items)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(items);
        var input = JsonWriting.Write(json =>
        {
            json.WriteStartArray();
            foreach (var item in history.Concat(ListInput(request)))
            {
                var id = JsonText.ParseElement(item.Json.Span) is { } element && IsReference(element) ? item.Id : null;
                var kept = id is not null && items.TryGetValue(id, out var found) ? found : item;
                json.WriteRawValue(kept.Json.Span, skipInputValidation: true);
            }

            json.WriteEndArray();
        });
        return new JsonSplice(request).Remove("previous_response_id").Set("input", input).ToBytes();
    }

    /// <summary>The items of a request's input; a plain text is one message.</summary>
    public static IReadOnlyList<KeptItem> ListInput(JsonMembers request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.FindValue("input") is { } text && text.Span is [(byte)'"', ..])
        {
            return
            [
                new KeptItem(null, JsonWriting.WriteObject(json =>
                {
                    json.WriteString("type", "message");
                    json.WriteString("role", "user");
                    json.WriteRaw("content", text.Span);
                })),
            ];
        }

        return [.. ReadItems(request).Select(ToKept)];
    }

    /// <summary>The id of an answer and its output items, from a whole body or from the data of a stream's terminal
    /// event; null when there is none.</summary>
    public static (string? Id, IReadOnlyList<KeptItem> Items)? ListOutput(ReadOnlyMemory<byte> answer)
    {
        if (JsonText.ParseElement(answer.Span) is not { ValueKind: JsonValueKind.Object } body)
        {
            return null;
        }

        var response = body.Find("response") ?? body;
        return response.Find("output") is null
            ? null
            : (response.FindText("id"), [.. response.List("output").Select(ToKept)]);
    }

    private static JsonElement.ArrayEnumerator ReadItems(JsonMembers request) =>
        request.FindValue("input") is { } input
        && JsonText.ParseElement(input.Span) is { ValueKind: JsonValueKind.Array } items
            ? items.EnumerateArray()
            : default;

    private static KeptItem ToKept(JsonElement item) =>
        new(item.FindText("id"), JsonMarshal.GetRawUtf8Value(item).ToArray());

    private static bool IsReference(JsonElement item) =>
        item.FindText("type") is var type
        && (type == ReferenceType || (type is null && item.Find("role") is null && item.FindText("id") is not null));
}
