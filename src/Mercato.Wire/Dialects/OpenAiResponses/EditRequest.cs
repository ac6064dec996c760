using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

public sealed partial class OpenAiResponsesDialect
{
    private static ReadOnlySpan<byte> SealMark => "mercato:1:"u8;

    /// <inheritdoc/>
    public UpstreamRequest EditRequest(RequestFacts facts, RequestEdits edits)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(edits);
        var splice = new JsonSplice(facts.Members);
        if (facts.Model != edits.Model)
        {
            splice.SetText("model", edits.Model);
        }

        if (edits.InjectedOutputLimit is { } limit)
        {
            splice.Set("max_output_tokens", JsonWriting.Number(Math.Max(limit, MinOutputTokens)));
        }

        var dropped = new List<string>();
        foreach (var name in edits.RemovesExtensions ? facts.Extensions : [])
        {
            splice.Remove(name);
            if (!RequestWishes.Honoured.Contains(name))
            {
                dropped.Add(name);
            }
        }

        // An answer that is fetched later, without us, would have no bill: it is waited for instead.
        if (facts.Members.FindValue("background") is { } background && background.Span.SequenceEqual("true"u8))
        {
            splice.Remove("background");
            dropped.Add("background");
        }

        if (edits.DropsPaidTools)
        {
            PaidTools.Remove(splice, dropped);
        }

        if (edits.RemovesExtensions && facts.Chat?.Reasoning is { } wishes)
        {
            MapReasoning(splice, wishes, edits.Model);
        }

        if (facts.Members.FindValue("input") is { } input && input.Span.IndexOf(SealMark) >= 0)
        {
            splice.Set("input", OpenSeals(input, edits.Provider));
        }

        return new(splice.IsEmpty ? facts.Members.Document : splice.ToBytes(), dropped);
    }

    /// <summary>The members of <c>reasoning</c> that are ours become those of the dialect.</summary>
    private static void MapReasoning(JsonSplice splice, ReasoningOptions wishes, string model)
    {
        if (wishes is { BudgetTokens: null, IsEnabled: null, IsHidden: false })
        {
            return;
        }

        foreach (var name in (ReadOnlySpan<string>)["max_tokens", "enabled", "exclude"])
        {
            splice.RemoveInside("reasoning", name);
        }

        // Without a summary a host of this dialect shows no reasoning.
        if (wishes.IsHidden)
        {
            splice.RemoveInside("reasoning", "summary");
        }

        if (wishes.Effort is null && ModelNames.FactsOf(model, new()).EffortOf(wishes) is { } effort)
        {
            splice.SetInside("reasoning", "effort", JsonSplice.Quote(effort));
        }
    }

    /// <summary>Items with seals of this host's minting get the host's own bytes back; those with another host's are
    /// taken out.</summary>
    private static byte[] OpenSeals(ReadOnlyMemory<byte> input, string provider)
    {
        if (JsonText.ParseElement(input.Span) is not { ValueKind: JsonValueKind.Array } items)
        {
            return input.ToArray();
        }

        return JsonWriting.Write(json =>
        {
            json.WriteStartArray();
            foreach (var item in items.EnumerateArray())
            {
                var raw = JsonMarshal.GetRawUtf8Value(item);
                var seal = item.FindText("encrypted_content") is { } text ? Seal.Parse(text) : null;
                if (seal is not { Minter: not null })
                {
                    json.WriteRawValue(raw, skipInputValidation: true);
                }
                else if (seal.IsOf(provider))
                {
                    var splice = JsonSplice.Read(raw.ToArray())!.SetText("encrypted_content", seal.Value);
                    _ = seal.ItemId is null ? splice.Remove("id") : splice.SetText("id", seal.ItemId);
                    json.WriteRawValue(splice.ToBytes(), skipInputValidation: true);
                }
            }

            json.WriteEndArray();
        });
    }
}
