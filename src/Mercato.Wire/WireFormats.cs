using System.Text.Json;
using Mercato.Wire.Dialects.Anthropic;
using Mercato.Wire.Dialects.Cohere;
using Mercato.Wire.Dialects.Embeddings;
using Mercato.Wire.Dialects.Gemini;
using Mercato.Wire.Dialects.Ollama;
using Mercato.Wire.Dialects.OpenAiChat;
using Mercato.Wire.Dialects.OpenAiResponses;

namespace Mercato.Wire;

/// <summary>Every wire format by its name: the one place that knows them all.</summary>
public static class WireFormats
{
    /// <summary>How hosts of this dialect are spoken to.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Nobody can chat with such a host.</exception>
    public static IUpstreamDialect Upstream(Dialect dialect) => dialect switch
    {
        Dialect.OpenAiChat => OpenAiChatDialect.Instance,
        Dialect.OpenAiResponses => OpenAiResponsesDialect.Instance,
        Dialect.Anthropic => AnthropicDialect.Instance,
        Dialect.Gemini => GeminiDialect.Instance,
        Dialect.Cohere => CohereDialect.Instance,
        Dialect.Ollama => OllamaDialect.Instance,
        _ => throw new ArgumentOutOfRangeException(nameof(dialect), dialect, "Not a dialect for chat."),
    };

    /// <summary>How a host is asked for vectors.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The host makes none.</exception>
    public static IEmbeddingHost Embeddings(EmbeddingStyle style) => style switch
    {
        EmbeddingStyle.OpenAi => OpenAiEmbeddings.Instance,
        EmbeddingStyle.Cohere => CohereEmbeddings.Instance,
        EmbeddingStyle.Gemini => GeminiEmbeddings.Instance,
        EmbeddingStyle.Ollama => OllamaEmbeddings.Instance,
        _ => throw new ArgumentOutOfRangeException(nameof(style), style, "No way to ask for vectors."),
    };

    private static readonly Dictionary<string, Dialect> ByName = Enum.GetValues<Dialect>()
        .Where(dialect => dialect != Dialect.None).ToDictionary(NameOf, StringComparer.Ordinal);

    /// <summary>The names of all dialects that can be spoken.</summary>
    public static IEnumerable<string> Names => ByName.Keys;

    /// <summary>The dialect's name on the wire, such as <c>openai-chat</c>.</summary>
    public static string NameOf(Dialect dialect) => JsonSerializer.SerializeToElement(dialect).GetString()!;

    /// <summary>The dialect of that name; null when there is none.</summary>
    public static Dialect? Find(string name) => ByName.TryGetValue(name, out var dialect) ? dialect : null;
}
