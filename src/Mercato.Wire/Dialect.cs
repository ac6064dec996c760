using System.Text.Json.Serialization;

namespace Mercato.Wire;

/// <summary>The wire formats that a host can speak.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Dialect>))]
public enum Dialect
{
    /// <summary>The host is known, but it can't be called for chat.</summary>
    [JsonStringEnumMemberName("none")]
    None,
    /// <summary>OpenAI Chat Completions and its many compatible hosts.</summary>
    [JsonStringEnumMemberName("openai-chat")]
    OpenAiChat,
    /// <summary>OpenAI Responses.</summary>
    [JsonStringEnumMemberName("openai-responses")]
    OpenAiResponses,
    /// <summary>Anthropic Messages.</summary>
    [JsonStringEnumMemberName("anthropic")]
    Anthropic,
    /// <summary>Google Gemini.</summary>
    [JsonStringEnumMemberName("gemini")]
    Gemini,
    /// <summary>Cohere v2.</summary>
    [JsonStringEnumMemberName("cohere")]
    Cohere,
    /// <summary>Ollama's native chat.</summary>
    [JsonStringEnumMemberName("ollama")]
    Ollama
}
