using Mercato.Wire.Dialects.Embeddings;

namespace Mercato.Wire.Tests.Embeddings;

public sealed class OtherHostsTests
{
    private const string Two = """{"model":"m","input":["a\n","é"],"dimensions":4,"user":"u","encoding_format":"float"}""";
    private const string TwoInBase64 = """{"model":"m","input":["a","b"],"encoding_format":"base64"}""";

    public static TheoryData<EmbeddingStyle, string, string> Requests => new()
    {
        {
            EmbeddingStyle.Cohere, "v2/embed",
            """{"model":"hosts-name","texts":["a\n","é"],"input_type":"search_document","embedding_types":["float"],"output_dimension":4}"""
        },
        {
            EmbeddingStyle.Gemini, "v1beta/models/hosts-name:batchEmbedContents",
            """{"requests":[{"model":"models/hosts-name","content":{"parts":[{"text":"a\n"}]},"outputDimensionality":4},"""
            + """{"model":"models/hosts-name","content":{"parts":[{"text":"é"}]},"outputDimensionality":4}]}"""
        },
        { EmbeddingStyle.Ollama, "api/embed", """{"model":"hosts-name","input":["a\n","é"],"dimensions":4}""" },
        { EmbeddingStyle.OpenAi, "embeddings", Two.Replace("\"m\"", "\"hosts-name\"") },
    };

    public static TheoryData<EmbeddingStyle, string, string?> Answers => new()
    {
        {
            EmbeddingStyle.Cohere,
            """{"id":"c1","embeddings":{"float":[[1.0,2E0],[-0.5]]},"texts":["a","b"],"meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":5}}}""",
            "5"
        },
        { EmbeddingStyle.Gemini, """{"embeddings":[{"values":[1.0,2E0]},{"values":[-0.5]}]}""", null },
        {
            EmbeddingStyle.Gemini,
            """{"embeddings":[{"values":[1.0,2E0]},{"values":[-0.5]}],"usageMetadata":{"promptTokenCount":5}}""", "5"
        },
        { EmbeddingStyle.Ollama, """{"model":"x","embeddings":[[1.0,2E0],[-0.5]],"prompt_eval_count":5}""", "5" },
        { EmbeddingStyle.Ollama, """{"model":"x","embeddings":[[1.0,2E0],[-0.5]]}""", null },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Request_IsWrittenInTheHostsWords(EmbeddingStyle style, string path, string body)
    {
        var host = WireFormats.Embeddings(style);

        Vectors.Write(host, Two, out var dropped).ShouldBe(body);
        host.PathOf("hosts-name").ShouldBe(path);
        dropped.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Answer_IsToldInOpenAisShapeToTheDigit(EmbeddingStyle style, string body, string? tokens) =>
        Vectors.Answer(WireFormats.Embeddings(style), Two, body).ShouldBe(
            """{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1.0,2E0]},"""
            + """{"object":"embedding","index":1,"embedding":[-0.5]}],"model":"author/name"%}""".Replace("%",
                tokens is null ? "" : $$""","usage":{"prompt_tokens":{{tokens}},"total_tokens":{{tokens}}}"""));

    [Theory]
    [MemberData(nameof(Answers))]
    public void Base64_IsMadeForWhoeverWantsIt(EmbeddingStyle style, string body, string? tokens)
    {
        var answer = Said.Json(Vectors.Answer(WireFormats.Embeddings(style), TwoInBase64, body));

        answer.List("data").Select(item => item.FindText("embedding")).ShouldBe(["AACAPwAAAEA=", "AAAAvw=="]);
        answer.Find("usage")?.FindCount("prompt_tokens").ToString().ShouldBe(tokens);
    }

    [Theory]
    [InlineData("query", "search_query", "RETRIEVAL_QUERY")]
    [InlineData("document", "search_document", "RETRIEVAL_DOCUMENT")]
    [InlineData("search_query", "search_query", "RETRIEVAL_QUERY")]
    [InlineData("clustering", "clustering", "CLUSTERING")]
    public void InputType_IsToldInTheHostsWord(string word, string cohere, string gemini)
    {
        var body = $$"""{"model":"m","input":"a","input_type":"{{word}}"}""";

        Vectors.Write(CohereEmbeddings.Instance, body).ShouldContain($"\"input_type\":\"{cohere}\"");
        Vectors.Write(GeminiEmbeddings.Instance, body).ShouldContain($"\"taskType\":\"{gemini}\"");
        Vectors.Write(OllamaEmbeddings.Instance, body, out var dropped).ShouldNotContain("type");
        dropped.ShouldBe(["input_type"]);
    }

    [Theory]
    [InlineData(EmbeddingStyle.Cohere)]
    [InlineData(EmbeddingStyle.Gemini)]
    [InlineData(EmbeddingStyle.Ollama)]
    public void UnknownMember_IsDroppedByName(EmbeddingStyle style)
    {
        Vectors.Write(WireFormats.Embeddings(style),
            """{"model":"m","input":"a","truncation":false,"late_chunking":true,"preset":"p","session_id":"s"}""", out var dropped);

        dropped.ShouldBe(["late_chunking", "preset"]);
    }

    [Theory]
    [InlineData(EmbeddingStyle.Cohere, """{"message":"no such model"}""", "NotJson")]
    [InlineData(EmbeddingStyle.Cohere, """{"embeddings":[[1]]}""", "NotJson")]
    [InlineData(EmbeddingStyle.Gemini, """{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}""", "RateLimited")]
    [InlineData(EmbeddingStyle.Gemini, """{"embeddings":[{}]}""", "NotJson")]
    [InlineData(EmbeddingStyle.Ollama, """{"error":"model not found"}""", "ServerError: model not found")]
    [InlineData(EmbeddingStyle.Ollama, """{"embeddings":[["a"]]}""", "NotJson")]
    [InlineData(EmbeddingStyle.Ollama, """{"embeddings":[[1]]}""", "NotJson: The host answered 1 vectors to 2 inputs.")]
    public void WhatIsNoAnswer_IsAnError(EmbeddingStyle style, string body, string error) =>
        Vectors.Answer(WireFormats.Embeddings(style), Two, body).ShouldStartWith(error);

    [Theory]
    [InlineData("models/text-embedding-004", "v1beta/models/text-embedding-004:batchEmbedContents")]
    [InlineData("tunedModels/a:b", "v1beta/tunedModels/a%3Ab:batchEmbedContents")]
    [InlineData("../x", "v1beta/models/..%2Fx:batchEmbedContents")]
    public void GeminisAddress_HasTheModelEscaped(string model, string path) =>
        GeminiEmbeddings.Instance.PathOf(model).ShouldBe(path);

    [Fact]
    public void OnlyOpenAisHosts_TakeTokens() =>
        new[] { EmbeddingStyle.OpenAi, EmbeddingStyle.Cohere, EmbeddingStyle.Gemini, EmbeddingStyle.Ollama }
            .Where(style => WireFormats.Embeddings(style).TakesTokens).ShouldBe([EmbeddingStyle.OpenAi]);
}
