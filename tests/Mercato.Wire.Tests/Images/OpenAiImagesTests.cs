using System.Text;
using Mercato.Wire.Dialects.Images;

namespace Mercato.Wire.Tests.Images;

public sealed class OpenAiImagesTests
{
    [Fact]
    public void Request_OnlyTheModelIsSpliced() =>
        Write("""{ "prompt":"a \u0041", "model" : "author/name", "size":"1024x1024","n":2.0, "steps":4 }""")
            .ShouldBe("""{ "prompt":"a \u0041", "model" : "hosts-name", "size":"1024x1024","n":2.0, "steps":4 }""");

    [Fact]
    public void Extensions_StayHere() =>
        Write("""{"model":"m","models":["n"],"prompt":"a","provider":{"only":["x"]}}""")
            .ShouldBe("""{"model":"hosts-name","prompt":"a"}""");

    [Theory]
    [InlineData("", 1)]
    [InlineData(""","n":null""", 1)]
    [InlineData(""","n":10""", 10)]
    public void Count_IsOneUnlessTold(string more, int count)
    {
        var reading = Read($$"""{"model":"m","prompt":"a"{{more}}}""");

        reading.Request!.Count.ShouldBe(count);
        reading.Facts!.Choices.ShouldBe(count);
    }

    [Theory]
    [InlineData("{", "invalid_json", null)]
    [InlineData("7", "invalid_type", null)]
    [InlineData("""{"prompt":"a"}""", "missing_required_parameter", "model")]
    [InlineData("""{"model":"m"}""", "missing_required_parameter", "prompt")]
    [InlineData("""{"model":"m","prompt":["a"]}""", "invalid_type", "prompt")]
    [InlineData("""{"model":"m","prompt":"a","n":0}""", "invalid_value", "n")]
    [InlineData("""{"model":"m","prompt":"a","n":11}""", "invalid_value", "n")]
    [InlineData("""{"model":"m","prompt":"a","n":-1}""", "invalid_value", "n")]
    [InlineData("""{"model":"m","prompt":"a","n":"2"}""", "invalid_type", "n")]
    [InlineData("""{"model":"m","prompt":"a","n":1,"n":9}""", "duplicate_parameter", "n")]
    [InlineData("""{"model":"m","prompt":"a","stream":true}""", "unsupported_value", "stream")]
    [InlineData("""{"model":"m","prompt":"a","stream":1}""", "invalid_type", "stream")]
    public void WrongBody_IsRefusedByMember(string body, string code, string? param)
    {
        var refusal = Read(body).Refusal.ShouldNotBeNull();

        (refusal.Code, refusal.Param).ShouldBe((code, param));
    }

    [Theory]
    [InlineData("""{"data":[{"b64_json":"AA=="},{"url":"https://x"}]}""", 2, null)]
    [InlineData("""{"data":[{"b64_json":"AA=="},{}]}""", 1, null)]
    [InlineData("""{"data":[{"b64_json":"AA=="}],"usage":{"input_tokens":8,"output_tokens":50,"total_tokens":58}}""", 1,
        "usage in=8 images=50")]
    [InlineData("""{"data":[{"b64_json":"AA=="}],"usage":{"input_tokens":8,"output_tokens":50,"output_tokens_details":{"image_tokens":40,"text_tokens":10}}}""",
        1, "usage in=8 out=10 images=40")]
    [InlineData("""{"data":[{"b64_json":"AA=="}],"usage":{"input_tokens":8,"input_tokens_details":{"cached_tokens":3},"output_tokens":50}}""",
        1, "usage in=5 read=3 images=50")]
    [InlineData("""{"data":[{"b64_json":"AA=="}],"usage":{"input_tokens":8,"output_tokens":-1}}""", 1,
        "usage in=8 suspicion=output_tokens is negative")]
    [InlineData("""{"data":[{"b64_json":"AA=="}],"usage":{"output_tokens":5,"output_tokens_details":{"text_tokens":6}}}""", 1,
        "usage out=6 images=0 suspicion=output_tokens is less than its details")]
    public void Answer_IsCounted(string body, int count, string? usage)
    {
        var answer = OpenAiImages.Read(Encoding.UTF8.GetBytes(body));

        answer.Error.ShouldBeNull();
        answer.Count.ShouldBe(count);
        (answer.Usage is { } told ? Upstream.Tell(told) : null).ShouldBe(usage);
    }

    [Theory]
    [InlineData("", UpstreamErrorKind.NotJson)]
    [InlineData("{\"data\":[{\"b64", UpstreamErrorKind.NotJson)]
    [InlineData("""{"data":[]}""", UpstreamErrorKind.NotJson)]
    [InlineData("""{"data":[{"revised_prompt":"a"}]}""", UpstreamErrorKind.NotJson)]
    [InlineData("""{"created":1}""", UpstreamErrorKind.NotJson)]
    [InlineData("""{"error":{"message":"slow down","code":429}}""", UpstreamErrorKind.RateLimited)]
    public void WhatIsNoAnswer_IsAnError(string body, UpstreamErrorKind kind) =>
        OpenAiImages.Read(Encoding.UTF8.GetBytes(body)).Error!.Kind.ShouldBe(kind);

    private static ImageReading Read(string body) => OpenAiImages.ReadRequest(Encoding.UTF8.GetBytes(body));

    private static string Write(string body) => Encoding.UTF8.GetString(OpenAiImages.Write(
        Read(body).Facts!, new RequestEdits("hosts-name", new HostQuirks(), null, true, "here")).Body.Span);
}
