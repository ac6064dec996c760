namespace Mercato.Wire.Tests;

public sealed class ProviderTests
{
    private static readonly string[] CatalogProviders =
    [
        "openai", "anthropic", "google", "mistral", "cohere", "deepseek", "xai", "meta", "alibaba", "moonshotai", "zai",
        "minimax", "amazon-bedrock", "perplexity", "ai21", "groq", "togetherai", "fireworks-ai", "cerebras",
        "huggingface", "deepinfra", "ollama", "ollama-cloud", "stability", "black-forest-labs", "voyage", "jina",
        "stepfun", "xiaomi", "upstage", "inception",
    ];

    [Fact]
    public void EveryProviderOfTheCatalog_isAHost()
    {
        Provider.BuiltIn.Keys.Order().ShouldBe(CatalogProviders.Order());
    }

    [Fact]
    public void HostsOutside_areReachedByHttpsOnly()
    {
        foreach (var host in Provider.BuiltIn.Values.Where(host => !host.IsLocal))
        {
            new Uri(host.BaseUrl).Scheme.ShouldBe("https", host.Id);
            host.BaseUrl.ShouldNotEndWith("/", customMessage: host.Id);
            host.KeyVariables.ShouldNotBeEmpty(host.Id);
            host.Auth.ShouldNotBe(AuthStyle.None, host.Id);
        }
    }

    [Fact]
    public void RowThatSaysNothing_hasTheDefaults()
    {
        var host = Provider.BuiltIn["minimax"];

        host.Auth.ShouldBe(AuthStyle.Bearer);
        host.Quirks.ShouldBe(new HostQuirks("max_tokens", true, false, false));
        host.DataPolicy.ShouldBe(new DataPolicy());
        host.AddressVariable.ShouldBeNull();
    }

    [Fact]
    public void KeyVariables_nameOneHostEach()
    {
        Provider.BuiltIn.Values.SelectMany(host => host.KeyVariables).ShouldBeUnique();
    }

    [Fact]
    public void HostsOfOtherKinds_cantChat()
    {
        Provider.BuiltIn.Values.Where(host => !host.CanChat).Select(host => host.Id).Order()
            .ShouldBe(["amazon-bedrock", "black-forest-labs", "jina", "stability", "voyage"]);
    }

    [Theory]
    [InlineData("openai", EmbeddingStyle.OpenAi, ImageStyle.OpenAi)]
    [InlineData("cohere", EmbeddingStyle.Cohere, ImageStyle.None)]
    [InlineData("google", EmbeddingStyle.Gemini, ImageStyle.None)]
    [InlineData("voyage", EmbeddingStyle.OpenAi, ImageStyle.None)]
    [InlineData("jina", EmbeddingStyle.OpenAi, ImageStyle.None)]
    [InlineData("anthropic", EmbeddingStyle.None, ImageStyle.None)]
    [InlineData("fireworks-ai", EmbeddingStyle.OpenAi, ImageStyle.None)]
    [InlineData("huggingface", EmbeddingStyle.None, ImageStyle.None)]
    [InlineData("stability", EmbeddingStyle.None, ImageStyle.None)]
    public void OtherKinds_areAskedForAsTheDialectDoesUnlessTheRowSaysOtherwise(
        string id, EmbeddingStyle embeddings, ImageStyle images)
    {
        var host = Provider.BuiltIn[id];

        (host.EmbeddingStyle, host.ImageStyle).ShouldBe((embeddings, images));
    }

    [Fact]
    public void OllamasOwnDialect_hasItsOwnEmbeddings() =>
        new Provider("mine", "Mine", "http://localhost:11434", Dialect.Ollama).EmbeddingStyle.ShouldBe(EmbeddingStyle.Ollama);

    [Fact]
    public void Address_isTheBaseAndThePath()
    {
        Provider.BuiltIn["groq"].AddressOf("chat/completions")
            .ShouldBe(new Uri("https://api.groq.com/openai/v1/chat/completions"));
    }

    [Fact]
    public void OutputLimitName_isOneOfTheTwo()
    {
        Provider.BuiltIn.Values.Select(host => host.Quirks.OutputLimitName).Distinct().Order()
            .ShouldBe(["max_completion_tokens", "max_tokens"]);
    }

    [Theory]
    [InlineData(null, "http://localhost:11434/v1")]
    [InlineData("", "http://localhost:11434/v1")]
    [InlineData("box", "http://box:11434/v1")]
    [InlineData("box:80", "http://box:80/v1")]
    [InlineData(":1234", "http://localhost:1234/v1")]
    [InlineData("0.0.0.0", "http://localhost:11434/v1")]
    [InlineData("[::]:11435", "http://localhost:11435/v1")]
    [InlineData("http://10.0.0.5:11434/", "http://10.0.0.5:11434/v1")]
    [InlineData("https://ollama.example.com/api/", "https://ollama.example.com:443/api/v1")]
    [InlineData("\"box\"", "http://box:11434/v1")]
    [InlineData("ftp://box", null)]
    [InlineData("a b", null)]
    public void OllamaHost_isReadAsOllamaDoes(string? value, string? expected)
    {
        Provider.ReadOllamaHost(value).ShouldBe(expected);
    }
}
