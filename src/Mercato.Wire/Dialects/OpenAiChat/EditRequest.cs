using System.Globalization;
using System.Text;

namespace Mercato.Wire.Dialects.OpenAiChat;

public sealed partial class OpenAiChatDialect
{
    /// <summary>
    /// Writes the host's body from the caller's bytes. Every byte that is not the model's name, the usage flag of a
    /// stream, the injected limit, a removed extension, a seal of ours or an id that the host refuses stays as it was.
    /// </summary>
    public static UpstreamRequest WriteRequest(RequestFacts facts, RequestEdits edits)
    {
        var splice = new JsonSplice(facts.Members);
        if (facts.Model != edits.Model)
        {
            splice.SetText("model", edits.Model);
        }

        if (facts.IsStream && !facts.WantsUsage && edits.Quirks.AcceptsStreamOptions)
        {
            splice.SetInside("stream_options", "include_usage", "true"u8.ToArray());
        }

        if (edits.InjectedOutputLimit is { } limit)
        {
            SetOutputLimit(splice, edits.Quirks.OutputLimitName, limit);
        }

        if (facts.Members.FindValue("messages") is { } messages && new MessageEdits(edits).Edit(messages) is { } edited)
        {
            splice.Set("messages", edited);
        }

        var dropped = edits.RemovesExtensions ? RemoveExtensions(splice, facts, edits.Quirks) : [];
        if (edits.DropsPaidTools)
        {
            PaidTools.Remove(splice, dropped);
        }

        return new(splice.IsEmpty ? facts.Members.Document : splice.ToBytes(), dropped);
    }

    private static void SetOutputLimit(JsonSplice splice, string hostName, long limit)
    {
        // A host refuses a body that has both names, and a caller's larger limit must not survive beside ours.
        foreach (var name in (ReadOnlySpan<string>)["max_tokens", "max_completion_tokens"])
        {
            if (splice.FindValue(name) is not null)
            {
                splice.Remove(name);
            }
        }

        splice.Set(hostName, Encoding.ASCII.GetBytes(limit.ToString(CultureInfo.InvariantCulture)));
    }

    private static List<string> RemoveExtensions(JsonSplice splice, RequestFacts facts, HostQuirks quirks)
    {
        var dropped = new List<string>();
        foreach (var name in facts.Extensions)
        {
            splice.Remove(name);
            if (!RequestWishes.Honoured.Contains(name) && !(name == "reasoning" && MapReasoning(splice, facts.Reasoning, quirks)))
            {
                dropped.Add(name);
            }
        }

        return dropped;
    }

    private static bool MapReasoning(JsonSplice splice, ReasoningWishes? reasoning, HostQuirks quirks)
    {
        if (reasoning?.Effort is not { } effort || !quirks.AcceptsReasoningEffort)
        {
            return false;
        }

        // The dialect's own spelling wins over the extension's when a caller sends both.
        if (splice.FindValue("reasoning_effort") is null)
        {
            splice.SetText("reasoning_effort", effort);
        }

        return reasoning.MaxTokens is null && reasoning.Exclude is not true;
    }
}
