using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

public sealed partial class AnthropicDialect
{
    /// <summary>The least that a host takes as <c>thinking.budget_tokens</c>.</summary>
    internal const long LeastBudget = 1024;

    /// <inheritdoc/>
    public UpstreamRequest EditRequest(RequestFacts facts, RequestEdits edits)
    {
        var splice = new JsonSplice(facts.Members);
        var dropped = new List<string>();
        if (facts.Model != edits.Model)
        {
            splice.SetText("model", edits.Model);
        }

        if (edits.InjectedOutputLimit is { } limit)
        {
            splice.Set("max_tokens", JsonWriting.Number(limit));
            ClampBudget(splice, limit, dropped);
        }

        if (edits.RemovesExtensions)
        {
            foreach (var name in facts.Extensions)
            {
                splice.Remove(name);
                if (!RequestWishes.Honoured.Contains(name))
                {
                    dropped.Add(name);
                }
            }
        }

        if (facts.Members.Document.Span.IndexOf(System.Text.Encoding.ASCII.GetBytes(Seal.Mark)) >= 0)
        {
            ResolveSeals(splice, edits.Provider, dropped);
        }

        return new(splice.IsEmpty ? facts.Members.Document : splice.ToBytes(), dropped);
    }

    private static void ClampBudget(JsonSplice splice, long limit, List<string> dropped)
    {
        if (splice.FindValue("thinking") is not { } thinking || JsonText.ParseElement(thinking.Span) is not { } wish
            || wish.FindCount("budget_tokens") is not { } budget || budget < limit)
        {
            return;
        }

        if (limit > LeastBudget)
        {
            splice.SetInside("thinking", "budget_tokens", JsonWriting.Number(limit - 1));
        }
        else
        {
            RemoveThinking(splice, dropped);
        }
    }

    private static void RemoveThinking(JsonSplice splice, List<string> dropped)
    {
        splice.Remove("thinking");
        dropped.Add("thinking");
        // A wish to clear old thoughts is refused where there is no thinking.
        if (splice.FindValue("context_management") is { } management
            && management.Span.IndexOf("clear_thinking"u8) >= 0)
        {
            splice.Remove("context_management");
        }
    }

    /// <summary>Unwraps the seals that this host minted, and takes other hosts' thoughts out.</summary>
    private static void ResolveSeals(JsonSplice splice, string provider, List<string> dropped)
    {
        if (splice.FindValue("messages") is not { } value || JsonText.ParseElement(value.Span) is not { } messages)
        {
            return;
        }

        var resolved = new SealedHistory(provider);
        var bytes = JsonWriting.Write(json =>
        {
            json.WriteStartArray();
            foreach (var message in messages.EnumerateArray())
            {
                if (resolved.Resolve(message) is { } raw)
                {
                    json.WriteRawValue(raw, skipInputValidation: true);
                }
            }

            json.WriteEndArray();
        });
        if (!resolved.HasChanged)
        {
            return;
        }

        splice.Set("messages", bytes);
        if (resolved.LacksThought && splice.FindValue("thinking") is { } thinking
            && JsonText.ParseElement(thinking.Span)?.FindText("type") == "enabled")
        {
            RemoveThinking(splice, dropped);
        }
    }
}

/// <summary>A history whose thoughts carry seals, message by message.</summary>
internal sealed class SealedHistory(string provider)
{
    private bool _isInLoop;

    /// <summary>Whether any message differs from what the caller sent.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>Whether the history ends in a round of tool calls that doesn't begin with a thought: then a host
    /// refuses a budget for thinking.</summary>
    public bool LacksThought { get; private set; }

    /// <summary>The message to send; null when nothing is left of it.</summary>
    public byte[]? Resolve(JsonElement message)
    {
        var raw = JsonMarshal.GetRawUtf8Value(message).ToArray();
        var blocks = message.List("content").ToList();
        if (message.FindText("role") != "assistant")
        {
            _isInLoop = blocks.Exists(block => block.FindText("type") == "tool_result");
            LacksThought &= _isInLoop;
            return raw;
        }

        var kept = blocks.Select(ResolveBlock).OfType<byte[]>().ToList();
        NoteOpening(kept.Count > 0 ? JsonText.ParseElement(kept[0]) : null, blocks);
        if (!blocks.Exists(IsMarked))
        {
            return raw;
        }

        HasChanged = true;
        return kept.Count == 0 ? null : JsonSplice.Read(raw)!.Set("content", JsonWriting.Write(json =>
        {
            json.WriteStartArray();
            foreach (var block in kept)
            {
                json.WriteRawValue(block, skipInputValidation: true);
            }

            json.WriteEndArray();
        })).ToBytes();
    }

    private void NoteOpening(JsonElement? first, List<JsonElement> blocks)
    {
        var calls = blocks.Exists(block => block.FindText("type") == "tool_use");
        if (!calls)
        {
            LacksThought = false;
        }
        else if (!_isInLoop)
        {
            LacksThought = first?.FindText("type") is not ("thinking" or "redacted_thinking");
        }
    }

    private byte[]? ResolveBlock(JsonElement block)
    {
        var raw = JsonMarshal.GetRawUtf8Value(block).ToArray();
        if (!IsMarked(block))
        {
            return raw;
        }

        var field = FieldOf(block)!;
        var seal = Seal.Parse(block.FindText(field)!);
        return seal.IsOf(provider) && seal.Value.Length > 0
            ? JsonSplice.Read(raw)!.SetText(field, seal.Value).ToBytes()
            : null;
    }

    private static bool IsMarked(JsonElement block) =>
        FieldOf(block) is { } field
            && block.FindText(field)?.StartsWith(Seal.Mark, StringComparison.Ordinal) == true;

    private static string? FieldOf(JsonElement block) => block.FindText("type") switch
    {
        "thinking" => "signature",
        "redacted_thinking" => "data",
        _ => null,
    };
}
