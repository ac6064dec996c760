using System.Text;
using CsCheck;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

/// <summary>Whatever bytes come, reading them ends in a value and never in an exception.</summary>
public sealed class HostileBytesTests
{
    private static readonly byte[] Request = Encoding.UTF8.GetBytes("""
        {"model":"m","stream":true,"stream_options":{"include_usage":true},"n":1,"models":["a"],
         "messages":[{"role":"user","content":[{"type":"text","text":"h\u00e9"},
         {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},
         {"type":"file","file":{"file_data":"JVBERi0xLjQ="}}]}],"tools":[{"type":"x"}],
         "provider":{"order":["a"],"max_price":{"prompt":1}},"reasoning":{"effort":"low"}}
        """);

    private static readonly byte[] Answer = Encoding.UTF8.GetBytes("""
        {"id":"c","choices":[{"index":0,"delta":{"content":"a\ud83d\ude42","reasoning":"r","tool_calls":[
         {"index":0,"function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}],
         "usage":{"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":1},"cost":0.1},
         "error":{"message":"m","code":400,"details":[{"retryDelay":"1s"}],"metadata":{"raw":"x"}}}
        """);

    private static readonly Gen<byte[]> Scraps = Gen.OneOf(
        "\""u8.ToArray(), "{"u8.ToArray(), "}"u8.ToArray(), "["u8.ToArray(), ","u8.ToArray(), "\\ud83d"u8.ToArray(),
        "\\"u8.ToArray(), "null"u8.ToArray(), "-1e999"u8.ToArray(), [0xFF], [0xC3], [0], ":"u8.ToArray(),
        "\"\\ud83d\":1,"u8.ToArray());

    [Theory]
    [InlineData("""{"model":"m","messages":[{"\ud83d":1,"content":[{"\udc00":{},"image_url":{"\ud83d":""}}]}]}""")]
    [InlineData("""{"model":"m","messages":[{}],"stream_options":{"\ud83d":1},"tools":[{"\ud83d":1}]}""")]
    [InlineData("""{"model":"\ud83d","messages":[{}]}""")]
    public void LoneSurrogates_inARequestAreNoException(string body)
    {
        OpenAiChatDialect.ReadRequest(Encoding.UTF8.GetBytes(body)).Facts.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("\"provider\":{\"\\ud83d\":1}", "provider")]
    [InlineData("\"provider\":{\"max_price\":{\"\\ud83d\":1}}", "provider")]
    [InlineData("\"reasoning\":{\"\\udc00\":1}", "reasoning")]
    public void LoneSurrogates_inWishesAreRefused(string member, string param)
    {
        OpenAiChatDialect.ReadRequest(Encoding.UTF8.GetBytes("{\"model\":\"m\",\"messages\":[{}]," + member + "}"))
            .Refusal.ShouldNotBeNull().Param.ShouldBe(param);
    }

    [Theory]
    [InlineData("""{"\ud83d":1,"choices":[{"\ud83d":1,"message":{"\ud83d":1,"content":"\ud83d"}}]}""")]
    [InlineData("""{"choices":[],"usage":{"\ud83d":1,"prompt_tokens_details":{"\ud83d":1}}}""")]
    [InlineData("""{"choices":[],"error":{"\ud83d":1,"message":"\ud83d","details":[{"\ud83d":1}]}}""")]
    public void LoneSurrogates_inAnAnswerAreNoException(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        OpenAiChatDialect.ReadAnswer(bytes, new Received());
        OpenAiChatDialect.WriteAnswer(bytes, new AnswerCost("1", false, null, default)).ShouldNotBeEmpty();
        UpstreamError.Read(500, _ => null, bytes, DateTimeOffset.UnixEpoch).Message.ShouldNotBeEmpty();
    }

    [Fact]
    public void MutatedRequest_isFactsOrARefusal()
    {
        Mutations(Request).Sample(
            body =>
            {
                var reading = OpenAiChatDialect.ReadRequest(body);
                (reading.Facts is null).ShouldNotBe(reading.Refusal is null);
                if (reading.Facts is { } facts)
                {
                    var edits = new RequestEdits("other", new HostQuirks(), 5, true);
                    OpenAiChatDialect.ReadRequest(OpenAiChatDialect.WriteRequest(facts, edits).Body)
                        .Facts.ShouldNotBeNull().Model.ShouldBe("other");
                }
            },
            iter: 20_000);
    }

    [Fact]
    public void MutatedAnswer_isReadAndJudged()
    {
        Mutations(Answer).Sample(
            body =>
            {
                var received = new Received();
                OpenAiChatDialect.ReadAnswer(body, received);
                UpstreamError.Read(400, _ => null, body, DateTimeOffset.UnixEpoch).Message.ShouldNotBeNull();
                OpenAiChatDialect.ReadUsage(body).ShouldNotBeNull();
                OpenAiChatDialect.CutUsage(body).ShouldNotBeEmpty();
            },
            iter: 20_000);
    }

    [Fact]
    public void LargeRequest_isReadWithoutCopiesOfIt()
    {
        var body = Encoding.UTF8.GetBytes(
            $$"""{"model":"m","messages":[{"role":"user","content":"{{new string('x', 8_000_000)}}"}]}""");
        OpenAiChatDialect.ReadRequest(body);

        var before = GC.GetAllocatedBytesForCurrentThread();
        OpenAiChatDialect.ReadRequest(body).Facts.ShouldNotBeNull();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(200_000);
    }

    [Fact]
    public void ChunkOfAStream_isReadWithoutGarbage()
    {
        var data = """{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"hello"},"finish_reason":null}]}"""u8;
        var frame = new EventFrame(default, default, data.ToArray(), true, true);
        var received = new Received();
        OpenAiChatDialect.ReadFrame(frame, received);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var count = 0; count < 1000; count++)
        {
            OpenAiChatDialect.ReadFrame(frame, received);
        }

        // The id and model of each chunk are still made into strings: about 100 bytes.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(150_000);
        received.TextBytes.ShouldBe(5005);
    }

    private static Gen<byte[]> Mutations(byte[] valid) =>
        from at in Gen.Int[0, valid.Length]
        from cut in Gen.Int[0, 6]
        from scrap in Scraps
        select (byte[])[.. valid[..at], .. scrap, .. valid[Math.Min(valid.Length, at + cut)..]];
}
