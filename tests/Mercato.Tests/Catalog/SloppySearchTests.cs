using Mercato.Catalog;

namespace Mercato.Tests.Catalog;

/// <summary>What people type, and the models any of which they would be content to see among the first three.</summary>
public sealed class SloppySearchTests
{
    private static readonly DateTimeOffset Now = new(2026, 9, 15, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, string[]> Searches() => new()
    {
        { "cluade", ["anthropic/claude-opus-5", "anthropic/claude-sonnet-5", "anthropic/claude-fable-5"] },
        { "gpt4o mini", ["openai/gpt-4o-mini"] },
        { "gpt-4o", ["openai/gpt-4o"] },
        { "llama 3 70", ["meta/llama-3-70b", "meta/llama-3.3-70b"] },
        { "llama 3.3 70b", ["meta/llama-3.3-70b"] },
        { "lama 4 maverik", ["meta/llama-4-maverick-17b-128e"] },
        { "llama scout", ["meta/llama-4-scout-17b-16e"] },
        { "qwen coder", ["alibaba/qwen3-coder-480b-a35b", "alibaba/qwen3-coder-plus", "alibaba/qwen3-coder-next",
            "alibaba/qwen-coder"] },
        { "qwen3 codr flash", ["alibaba/qwen3-coder-flash"] },
        { "qwen max", ["alibaba/qwen3.8-max", "alibaba/qwen3.7-max", "alibaba/qwen-max"] },
        { "qwen 3.8", ["alibaba/qwen3.8-max"] },
        { "qwen vl", ["alibaba/qwen3-vl-plus", "alibaba/qwen-vl-max", "alibaba/qwen-vl-plus"] },
        { "sonnet", ["anthropic/claude-sonnet-5"] },
        { "sonet 4.6", ["anthropic/claude-sonnet-4-6"] },
        { "opus", ["anthropic/claude-opus-5"] },
        { "opus 4.5", ["anthropic/claude-opus-4-5"] },
        { "claude opus 4.1", ["anthropic/claude-opus-4-1"] },
        { "claude haiku", ["anthropic/claude-haiku-4-5"] },
        { "anthropic fable", ["anthropic/claude-fable-5"] },
        { "gemini flash", ["google/gemini-3.7-flash"] },
        { "gemini flash lite", ["google/gemini-3.5-flash-lite"] },
        { "gemni pro", ["google/gemini-3.1-pro-preview", "google/gemini-2.5-pro"] },
        { "gemini 2.5 pro", ["google/gemini-2.5-pro"] },
        { "nano banana", ["google/gemini-3.1-flash-image", "google/gemini-3-pro-image"] },
        { "gemma 3 27b", ["google/gemma-3-27b"] },
        { "veo", ["google/veo-3.1-generate-preview"] },
        { "deepseek", ["deepseek/deepseek-v4-pro", "deepseek/deepseek-v4-flash"] },
        { "deepseek r1", ["deepseek/deepseek-r1"] },
        { "deapseek v3.2", ["deepseek/deepseek-v3.2"] },
        { "deepseekcoder", ["deepseek/deepseek-coder"] },
        { "mistral lrge", ["mistral/mistral-large-2512"] },
        { "mistral small", ["mistral/mistral-small-2603", "mistral/mistral-small"] },
        { "mistral medium 3.5", ["mistral/mistral-medium-2604"] },
        { "mixtrl 8x7b", ["mistral/mixtral-8x7b"] },
        { "codestral", ["mistral/codestral-2508"] },
        { "devstral", ["mistral/devstral-2512"] },
        { "pixtral", ["mistral/pixtral-large-2502", "mistral/pixtral-12b"] },
        { "gpt 5", ["openai/gpt-5"] },
        { "gpt5.6", ["openai/gpt-5.6"] },
        { "gpt 5 mini", ["openai/gpt-5-mini"] },
        { "chatgpt", ["openai/gpt-5.6", "openai/chat-latest", "openai/gpt-5-chat"] },
        { "o3 pro", ["openai/o3-pro"] },
        { "gpt oss 120", ["openai/gpt-oss-120b"] },
        { "codex", ["openai/gpt-5.3-codex"] },
        { "whisper", ["openai/whisper-1", "openai/whisper-large-v3"] },
        { "wisper turbo", ["openai/whisper-large-v3-turbo"] },
        { "flux", ["black-forest-labs/flux-pro-1.1-ultra", "black-forest-labs/flux-pro-1.1",
            "black-forest-labs/flux-pro"] },
        { "flux kontext", ["black-forest-labs/flux-kontext-max", "black-forest-labs/flux-kontext-pro"] },
        { "stable difusion", ["stability/stable-diffusion-xl-1024-v1-0", "stability/sd3.5-large"] },
        { "embedding small", ["openai/text-embedding-3-small"] },
        { "embeddings large", ["openai/text-embedding-3-large"] },
        { "gemini embeding", ["google/gemini-embedding-2", "google/gemini-embedding-001"] },
        { "cohere rerank", ["cohere/rerank-v3.5"] },
        { "comand a", ["cohere/command-a-03-2025", "cohere/command-a-plus-05-2026"] },
        { "grok", ["xai/grok-4.6"] },
        { "grok 4 fast", ["xai/grok-4-1-fast"] },
        { "kimi", ["moonshotai/kimi-k3"] },
        { "kimi k2 thinking", ["moonshotai/kimi-k2-thinking"] },
        { "glm 5", ["zhipuai/glm-5", "zhipuai/glm-5.3"] },
        { "z-ai glm air", ["zhipuai/glm-4.5-air"] },
        { "minimax m3", ["minimax/minimax-m3"] },
        { "perplexity sonar pro", ["perplexity/sonar-pro"] },
        { "nova micro", ["amazon/nova-micro"] },
        { "phi 4", ["microsoft/phi-4"] },
        { "nemotron ultra", ["nvidia/nemotron-3-ultra-550b-a55b"] },
        { "jamba large", ["ai21/jamba-large-1.7", "ai21/jamba-large"] },
        { "voyage code", ["voyage/voyage-code-4", "voyage/voyage-code-3"] },
    };

    [Theory]
    [MemberData(nameof(Searches))]
    public void SloppyText_findsTheExpectedModelAmongTheFirstThree(string text, string[] expected)
    {
        var page = CatalogSnapshot.Builtin.Search.List(new CatalogQuery { Text = text, Limit = 3 }, Reach.None, Now);
        var first = page.Items.Select(item => item.Model.Id.ToString()).ToList();
        first.Intersect(expected).ShouldNotBeEmpty($"'{text}' gave {string.Join(", ", first)}");
    }

    [Fact]
    public void SixtySearches_areInTheTable() => Searches().Count.ShouldBeGreaterThanOrEqualTo(60);
}
