using System.Text;
using Mercato.Wire.Dialects.Embeddings;

namespace Mercato.Wire.Tests.Embeddings;

public sealed class OpenAiAnswerTests
{
    private const string One = """{"model":"m","input":"a"}""";
    private const string OneInBase64 = """{"model":"m","input":"a","encoding_format":"base64"}""";
    private const string Two = """{"model":"m","input":["a","b"],"encoding_format":"base64"}""";

    private static readonly OpenAiEmbeddings Host = OpenAiEmbeddings.Instance;

    [Fact]
    public void Numbers_PassToTheDigit()
    {
        const string body = """{ "object":"list", "data":[{"index":0,"embedding":[0.10000000000000000555,-1E-9]}], "more":1.0 }""";

        Vectors.Answer(Host, One, body).ShouldBe(body);
    }

    [Fact]
    public void Base64OfTheHost_Passes()
    {
        const string body = """{"data":[{"embedding":"AACAPw==","index":0}]}""";

        Vectors.Answer(Host, OneInBase64, body).ShouldBe(body);
    }

    [Fact]
    public void NumbersWhereBase64IsWanted_ArePackedAndTheRestStays() =>
        Vectors.Answer(Host, Two,
            """{"x":1.0,"data":[{"index":0,"embedding":[1,-2.5]},{"z":null,"embedding":[0.1]}],"usage":{"total_tokens":3}}""")
            .ShouldBe("""{"x":1.0,"data":[{"index":0,"embedding":"AACAPwAAIMA="},{"z":null,"embedding":"zczMPQ=="}],"usage":{"total_tokens":3}}""");

    [Fact]
    public void PackedNumbers_AreTheNearestFloats()
    {
        var random = new Random(7);
        var floats = Enumerable.Range(0, 256).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(-30, 30)))
            .Append(float.MaxValue).Append(float.Epsilon).Append(-0f).ToArray();
        var body = $$"""{"data":[{"embedding":[{{string.Join(',', floats.Select(one => one.ToString("R")))}}]}]}""";

        var answer = Said.Json(Vectors.Answer(Host, OneInBase64, body));

        var bytes = Convert.FromBase64String(answer.GetProperty("data")[0].FindText("embedding")!);
        floats.Select(one => (byte[])[.. BitConverter.GetBytes(one)]).SelectMany(one => one).ShouldBe(bytes);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":9,"total_tokens":9}""", "usage in=9 out=0")]
    [InlineData("""{"total_tokens":7}""", "usage in=7 out=0")]
    [InlineData("""{"prompt_tokens":-1}""", "usage out=0 suspicion=prompt_tokens is negative")]
    [InlineData("""{"prompt_tokens":1.5}""", "usage out=0 suspicion=prompt_tokens is not whole")]
    [InlineData("{}", "none")]
    [InlineData("null", "none")]
    [InlineData("[]", "none")]
    public void Usage_IsWhatTheHostTells(string told, string usage) =>
        Vectors.Usage(Host, $$"""{"data":[{"embedding":[1]}],"usage":{{told}}}""").ShouldBe(usage);

    [Theory]
    [InlineData("", "NotJson: The host answered 200 with an empty body.")]
    [InlineData("<html>", "NotJson: The host answered 200 with a body that is not JSON.")]
    [InlineData("[]", "NotJson: The host answered 200 with a body that is not JSON.")]
    [InlineData("{}", "NotJson: The host answered 200 without vectors.")]
    [InlineData("""{"data":{}}""", "NotJson: The host answered 200 without vectors.")]
    [InlineData("""{"data":[]}""", "NotJson: The host answered 200 without vectors.")]
    [InlineData("""{"data":[{}]}""", "NotJson: The host answered with something that is no vector.")]
    [InlineData("""{"data":[{"embedding":[]}]}""", "NotJson: The host answered with something that is no vector.")]
    [InlineData("""{"data":[{"embedding":[1,null]}]}""", "NotJson: The host answered with something that is no vector.")]
    [InlineData("""{"data":[{"embedding":[1]},{"embedding":[2]}]}""", "NotJson: The host answered 2 vectors to 1 inputs.")]
    [InlineData("""{"data":[{"embedding":[1e39]}]}""", "NotJson: The host answered a number beyond float32.")]
    [InlineData("""{"error":{"message":"broken inside"}}""", "ServerError: broken inside")]
    public void WhatIsNoAnswer_IsAnError(string body, string error) =>
        Vectors.Answer(Host, OneInBase64, body).ShouldBe(error);

    [Fact]
    public void CutAnswers_NeverThrow()
    {
        var whole = Encoding.UTF8.GetBytes("""{"data":[{"embedding":[1,2.5],"index":0}],"usage":{"prompt_tokens":9}}""");
        for (var end = 0; end < whole.Length; end++)
        {
            Vectors.Answer(Host, OneInBase64, whole[..end]).ShouldStartWith("NotJson");
        }
    }
}
