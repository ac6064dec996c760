using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>
/// Edits of messages that a caller sent for a host of its own dialect: seals of ours are unwrapped for the host that
/// minted them and taken out for any other, and ids of calls are made to fit. Messages that need nothing keep their
/// bytes.
/// </summary>
internal sealed class MessageEdits(RequestEdits edits)
{
    private static readonly byte[] Mark = Encoding.UTF8.GetBytes(Seal.Mark);

    /// <summary>The messages with their edits; null when nothing has to change.</summary>
    public byte[]? Edit(ReadOnlyMemory<byte> messages)
    {
        var hasSeals = messages.Span.IndexOf(Mark) >= 0;
        if (!hasSeals && !edits.Quirks.HasNineCharCallIds)
        {
            return null;
        }

        return EditItems(messages, message => EditMessage(message, hasSeals));
    }

    private byte[]? EditMessage(ReadOnlyMemory<byte> message, bool hasSeals)
    {
        if (JsonSplice.Read(message) is not { } splice)
        {
            return null;
        }

        if (hasSeals && message.Span.IndexOf(Mark) >= 0)
        {
            EditMember(splice, "reasoning_details", EditSealed);
            EditMember(splice, "content", EditSealed);
        }

        EditMember(splice, "tool_calls", call => EditCall(call));
        if (edits.Quirks.HasNineCharCallIds)
        {
            FitId(splice, "tool_call_id");
        }

        return splice.IsEmpty ? null : splice.ToBytes();
    }

    private byte[]? EditCall(ReadOnlyMemory<byte> call)
    {
        if (JsonSplice.Read(call) is not { } splice)
        {
            return null;
        }

        if (splice.FindValue("extra_content") is { } extra && extra.Span.IndexOf(Mark) >= 0)
        {
            var token = ReadText(JsonMembers.Read(extra)?.FindValue("google") is { } google
                ? JsonMembers.Read(google)?.FindValue("thought_signature")
                : null);
            if (token is not null && Seal.Parse(token) is var seal && seal.IsOf(edits.Provider))
            {
                splice.Set("extra_content", JsonWriting.WriteObject(json =>
                {
                    json.WriteStartObject("google");
                    json.WriteString("thought_signature", seal.Value);
                    json.WriteEndObject();
                }));
            }
            else
            {
                splice.Remove("extra_content");
            }
        }

        if (edits.Quirks.HasNineCharCallIds)
        {
            FitId(splice, "id");
        }

        return splice.IsEmpty ? null : splice.ToBytes();
    }

    /// <summary>An entry of reasoning_details, or a thinking part: without our wrapping, or away (empty).</summary>
    private byte[]? EditSealed(ReadOnlyMemory<byte> item)
    {
        if (item.Span.IndexOf(Mark) < 0 || JsonSplice.Read(item) is not { } splice)
        {
            return null;
        }

        foreach (var name in (ReadOnlySpan<string>)["data", "signature"])
        {
            if (ReadText(splice.FindValue(name)) is not { } token || !token.StartsWith(Seal.Mark, StringComparison.Ordinal))
            {
                continue;
            }

            var seal = Seal.Parse(token);
            if (!seal.IsOf(edits.Provider))
            {
                return [];
            }

            return ReasoningDetail.Restore(seal, ReadText(splice.FindValue("text")) ?? "")
                ?? splice.SetText(name, seal.Value).ToBytes();
        }

        return null;
    }

    private static void EditMember(JsonSplice splice, string name, Func<ReadOnlyMemory<byte>, byte[]?> edit)
    {
        if (splice.FindValue(name) is { } items && EditItems(items, edit) is { } edited)
        {
            if (!edited.AsSpan().SequenceEqual("[]"u8))
            {
                splice.Set(name, edited);
            }
            else if (name == "content")
            {
                splice.SetText(name, "");
            }
            else
            {
                splice.Remove(name);
            }
        }
    }

    private static void FitId(JsonSplice splice, string name)
    {
        if (ReadText(splice.FindValue(name)) is { } id && CallId.FitNine(id) is var fit && fit != id)
        {
            splice.SetText(name, fit);
        }
    }

    /// <summary>An array with its items edited: null leaves an item, empty bytes take it out. Null when no item
    /// changed, or when it is no array.</summary>
    private static byte[]? EditItems(ReadOnlyMemory<byte> array, Func<ReadOnlyMemory<byte>, byte[]?> edit)
    {
        if (array.Span is not [(byte)'[', ..])
        {
            return null;
        }

        var items = new List<ReadOnlyMemory<byte>>();
        var hasChanged = false;
        foreach (var item in ListItems(array))
        {
            var edited = edit(item);
            hasChanged |= edited is not null;
            if (edited is not { Length: 0 })
            {
                items.Add(edited ?? item);
            }
        }

        return hasChanged ? Join(items) : null;
    }

    private static List<ReadOnlyMemory<byte>> ListItems(ReadOnlyMemory<byte> array)
    {
        var items = new List<ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(array.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(array[start..(int)reader.BytesConsumed]);
        }

        return items;
    }

    private static byte[] Join(List<ReadOnlyMemory<byte>> items)
    {
        var joined = new List<byte> { (byte)'[' };
        foreach (var item in items)
        {
            if (joined.Count > 1)
            {
                joined.Add((byte)',');
            }

            joined.AddRange(item.Span);
        }

        joined.Add((byte)']');
        return [.. joined];
    }

    private static string? ReadText(ReadOnlyMemory<byte>? json) =>
        json is { Span: [(byte)'"', .., (byte)'"'] } text ? JsonText.ToText(text.Span[1..^1]) : null;
}
