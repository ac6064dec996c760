using Mercato.Catalog;

namespace Mercato.Tests.Catalog;

public sealed class ResolveTests
{
    private static readonly CatalogSnapshot Catalog = new(
        BuiltinCatalog.Current.Models, [new WildcardProvider("acme", null)]);

    private static string? Resolve(string id) => Catalog.Resolve(id) switch
    {
        ModelResolution found => found.Model.Id + found.Suffix,
        WildcardResolution found => $"{found.Provider.Id} as {found.UpstreamName}{found.Suffix}",
        _ => null,
    };

    [Theory]
    [InlineData("anthropic/claude-haiku-4-5", "anthropic/claude-haiku-4-5")]
    [InlineData("anthropic/claude-haiku-4.5", "anthropic/claude-haiku-4-5")]
    [InlineData("Anthropic/Claude-Haiku-4.5", "anthropic/claude-haiku-4-5")]
    [InlineData("anthropic/claude-haiku-4-5-20251001", "anthropic/claude-haiku-4-5")]
    [InlineData("anthropic/claude-sonnet-4-5-latest", "anthropic/claude-sonnet-4-5")]
    [InlineData("openai/gpt-4o-2024-08-06", "openai/gpt-4o")]
    [InlineData("gpt-4o-2024-08-06", "openai/gpt-4o")]
    [InlineData("gpt-4o-mini", "openai/gpt-4o-mini")]
    [InlineData("claude-opus-4.5", "anthropic/claude-opus-4-5")]
    [InlineData("gemini/gemini-2.5-pro", "google/gemini-2.5-pro")]
    [InlineData("mistralai/mistral-large-latest", "mistral/mistral-large-2512")]
    [InlineData("mistral-large-latest", "mistral/mistral-large-2512")]
    [InlineData("cohere/command-a", "cohere/command-a-03-2025")]
    [InlineData("CohereLabs/command-a-03-2025", "cohere/command-a-03-2025")]
    [InlineData("deepseek-ai/DeepSeek-R1", "deepseek/deepseek-r1")]
    [InlineData("Qwen/Qwen3-235B-A22B-Instruct-2507", "alibaba/qwen3-235b-a22b-2507")]
    [InlineData("meta-llama/Llama-3.3-70B-Instruct", "meta/llama-3.3-70b")]
    [InlineData("amazon/nova-pro-v1", "amazon/nova-pro")]
    [InlineData("us.anthropic.claude-fable-5", "anthropic/claude-fable-5")]
    [InlineData("accounts/fireworks/models/glm-5p1", "zhipuai/glm-5.1")]
    [InlineData("gpt-oss:20b", "openai/gpt-oss-20b")]
    [InlineData("llama3.2:3b", "meta/llama-3.2-3b")]
    [InlineData("openai/gpt-4o:floor", "openai/gpt-4o:floor")]
    [InlineData("x-ai/grok-4.6:nitro", "xai/grok-4.6:nitro")]
    [InlineData("google/gemma-3-27b-it:free", "google/gemma-3-27b:free")]
    [InlineData("acme/our-model", "acme as our-model")]
    [InlineData("acme/team/our-model:v2", "acme as team/our-model:v2")]
    [InlineData("acme/our-model:free", "acme as our-model:free")]
    public void KnownSpelling_resolves(string id, string expected) => Resolve(id).ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("/")]
    [InlineData(":free")]
    [InlineData("openai/")]
    [InlineData("openai/gpt-99")]
    [InlineData("mistralai/mistral-large-2407")]
    [InlineData("openai/gpt-5.1-chat")]
    [InlineData("nobody/gpt-4o")]
    [InlineData("%")]
    public void UnknownId_resolvesToNothing(string id) => Resolve(id).ShouldBeNull();

    [Fact]
    public void WildcardName_reachesTheHostWhole() =>
        Catalog.Resolve("acme/x:free").ShouldBeOfType<WildcardResolution>().UpstreamName.ShouldBe("x:free");

    [Theory]
    [InlineData("openai")]
    [InlineData("x-ai")]
    [InlineData("mercato")]
    public void AuthorName_isReservedFromWildcardProviders(string id) => Catalog.IsReservedAuthor(id).ShouldBeTrue();

    [Fact]
    public void EveryModelsOwnId_resolvesToItself()
    {
        foreach (var model in Catalog.Models)
        {
            Resolve(model.Id.ToString()).ShouldBe(model.Id.ToString());
        }
    }

    [Fact]
    public void EverySingleNameOfTheTable_namesAModel()
    {
        foreach (var (from, to) in ModelSpellings.SingleNames)
        {
            Resolve(from).ShouldBe(to, from);
        }
    }

    [Fact]
    public void EveryAlias_resolvesToItsModel()
    {
        foreach (var model in Catalog.Models)
        {
            foreach (var alias in model.Aliases)
            {
                Resolve($"{model.Id.Author}/{alias}").ShouldBe(model.Id.ToString(), alias);
            }
        }
    }
}
