namespace Mercato.Wire;

/// <summary>What changes in every body that passes to a host of the caller's own format.</summary>
internal static class PlainEdits
{
    /// <summary>Sets the model and takes out what is ours or what the host refuses; the latter is named.</summary>
    public static JsonSplice Begin(RequestFacts facts, RequestEdits edits, List<string> dropped)
    {
        var splice = new JsonSplice(facts.Members);
        if (facts.Model != edits.Model)
        {
            splice.SetText("model", edits.Model);
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

        foreach (var name in edits.Quirks.RefusedMembers.Where(name => splice.FindValue(name) is not null))
        {
            splice.Remove(name);
            if (!ChatRequest.SilentMembers.Contains(name))
            {
                dropped.Add(name);
            }
        }

        return splice;
    }

    /// <summary>What a body that is written anew leaves behind: unknown members, and extensions that nobody
    /// honours.</summary>
    public static List<string> Dropped(RequestFacts facts, IReadOnlyList<string> others) =>
        [.. others.Concat(facts.Extensions.Where(name => !RequestWishes.Honoured.Contains(name)))
            .Where(name => !ChatRequest.SilentMembers.Contains(name))];
}
