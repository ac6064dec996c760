using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>
/// Entries of <c>reasoning_details</c>, the field in which chat clients keep what a host wants back of its reasoning.
/// </summary>
internal static class ReasoningDetail
{
    public const string Text = "reasoning.text";
    public const string Encrypted = "reasoning.encrypted";
    public const string Summary = "reasoning.summary";

    /// <summary>Writes a piece of a thought for a caller.</summary>
    public static void WriteText(Utf8JsonWriter json, string text, int index)
    {
        Begin(json, Text, index);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    /// <summary>Writes a seal for a caller.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="seal">The seal.</param>
    /// <param name="text">The thought, when it is written at once; empty when it was written before.</param>
    /// <param name="isHidden">Whether there is no text to this seal at all.</param>
    /// <param name="callId">The call that directly follows; null for none.</param>
    /// <param name="index">The thought's number.</param>
    public static void WriteSeal(
        Utf8JsonWriter json, Seal seal, string text, bool isHidden, string? callId, int index)
    {
        Begin(json, isHidden ? Encrypted : Text, index);
        if (text.Length > 0)
        {
            json.WriteString("text", text);
        }

        json.WriteString(isHidden ? "data" : "signature", seal.ToToken());
        json.WriteTextIfAny("id", callId);
        json.WriteEndObject();
    }

    /// <summary>An entry as its host minted it: the seal of this dialect's reader holds all of it but the text. Null
    /// when the seal is no such entry.</summary>
    public static byte[]? Restore(Seal seal, string text)
    {
        if (!seal.Value.StartsWith('{')
            || JsonSplice.Read(System.Text.Encoding.UTF8.GetBytes(seal.Value)) is not { } entry)
        {
            return null;
        }

        if (text.Length > 0)
        {
            var isSummary = entry.FindValue("type") is { } type && type.Span.SequenceEqual("\"reasoning.summary\""u8);
            entry.SetText(isSummary ? "summary" : "text", text);
        }

        return entry.ToBytes();
    }

    private static void Begin(Utf8JsonWriter json, string type, int index)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteNumber("index", index);
    }
}
