using System.Collections.Immutable;
using Mercato.Catalog;

namespace Mercato.Recommend;

/// <summary>What a task needs of a model beyond plain text, and which kind of model makes it.</summary>
public static class Needs
{
    /// <summary>What counts as a long context, in tokens.</summary>
    public const int LongContextTokens = 128_000;

    private static readonly Dictionary<string, ModelKind> Makers = new()
    {
        ["image_generation"] = ModelKind.Image, ["video_generation"] = ModelKind.Video, ["music"] = ModelKind.Music,
        ["embeddings"] = ModelKind.Embedding, ["rerank"] = ModelKind.Rerank, ["speech"] = ModelKind.Speech,
        ["transcription"] = ModelKind.Transcription, ["moderation"] = ModelKind.Moderation,
    };

    private static readonly Dictionary<string, Func<Model, bool>> Abilities = new()
    {
        ["vision"] = model => model.Can("vision") || model.InputModalities.Contains("image"),
        ["pdf"] = model => model.Can("pdf") || model.InputModalities.Contains("pdf"),
        ["audio"] = model => model.InputModalities.Contains("audio"),
        ["tools"] = model => model.Can("tool_calling"),
        ["json"] = model => model.Can("structured_output"),
        ["reasoning"] = model => model.Can("reasoning"),
        ["web_search"] = model => model.Can("web_search"),
        ["long_context"] = model => model.ContextWindow >= LongContextTokens,
    };

    /// <summary>Every need that can be asked for.</summary>
    public static ImmutableArray<string> Known { get; } = [.. Makers.Keys, .. Abilities.Keys];

    /// <summary>A need by its name or by the catalog's name of the capability; null for anything else.</summary>
    public static string? Find(string name) => name switch
    {
        "tool_calling" or "function_calling" => "tools",
        "structured_output" or "structured_outputs" => "json",
        _ => Known.Contains(name) ? name : null,
    };

    /// <summary>The kind of model that these needs ask for; chat unless one of them names another.</summary>
    public static ModelKind KindOf(IEnumerable<string> needs) =>
        needs.Select(need => Makers.GetValueOrDefault(need)).FirstOrDefault(kind => kind != ModelKind.Chat);

    /// <summary>Whether a model of the right kind meets a need; a capability that is not known is not met.</summary>
    public static bool Meets(Model model, string need) => !Abilities.TryGetValue(need, out var has) || has(model);

    /// <summary>The needs that a text shows.</summary>
    internal static ImmutableArray<string> In(string text)
    {
        var found = Known.Where(need => Words.HasSign(text, need)).ToList();
        // To make a picture is not to look at one, and a transcript's audio goes to a model of its own kind.
        if (found.Any(Makers.ContainsKey)) found.RemoveAll(need => need is "vision" or "audio");
        return [.. found];
    }
}
