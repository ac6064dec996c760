using System.Text;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

public sealed class ReadRequestTests
{
    private const string Minimal = """{"model":"gpt-5","messages":[{"role":"user","content":"hi"}]}""";

    [Fact]
    public void MinimalRequest_givesItsFacts()
    {
        var facts = Accept(Minimal);

        facts.Model.ShouldBe("gpt-5");
        facts.IsStream.ShouldBeFalse();
        facts.OutputLimit.ShouldBeNull();
        facts.Choices.ShouldBe(1);
        facts.Input.ShouldBe(new InputSize(Minimal.Length, 1, 0, 0, 0, 0, 0, 0));
        facts.Extensions.ShouldBeEmpty();
        facts.Provider.ShouldBeNull();
    }

    [Fact]
    public void FullRequest_givesItsFacts()
    {
        var facts = Accept("""
            {"models":["a/b","c/d"],"model":"a/b","stream":true,"stream_options":{"x":1,"include_usage":true},
             "max_tokens":10.0,"max_completion_tokens":2e1,"n":3,"session_id":"s1","prompt_cache_key":"k",
             "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}},{"type":"custom"},
              {"type":"web_search"},{"function":{}}],
             "service_tier":"priority","modalities":["text","audio"],"audio":{"voice":"v"},"web_search_options":{},
             "prediction":null,"enable_search":false,"temperature":1e309,
             "reasoning":{"effort":"high","exclude":true,"max_tokens":100},"usage":{"include":true},"trace":{},
             "messages":[{"content":"s","role":"system"},{"role":"user","content":[{"type":"text","text":"hi"}]}]}
            """);

        facts.Models.ShouldBe(["a/b", "c/d"]);
        facts.WantsUsage.ShouldBeTrue();
        facts.OutputLimit.ShouldBe(20);
        facts.Choices.ShouldBe(3);
        facts.Tools.ShouldBe(4);
        facts.ServerTools.ShouldBe(["web_search"]);
        facts.ServiceTier.ShouldBe("priority");
        facts.CostMembers.ShouldBe(["service_tier", "modalities", "audio", "web_search_options"]);
        facts.Stickiness.ShouldBe("s1");
        facts.Reasoning.ShouldBe(new ReasoningWishes("high", 100, true, null));
        facts.Extensions.ShouldBe(["models", "reasoning", "usage", "session_id", "trace"]);
    }

    [Fact]
    public void ProviderWishes_areReadAndUnknownOnesPassedOver()
    {
        var facts = Accept("""
            {"model":"m","messages":[{}],"provider":{"order":["groq"],"only":["groq","openai"],"ignore":null,
             "allow_fallbacks":false,"require_parameters":true,"data_collection":"deny","zdr":true,"new_wish":[1],
             "quantizations":["fp8"],"sort":{"by":"price"},"max_price":{"prompt":"0.30","completion":1.5}}}
            """);

        var wishes = facts.Provider.ShouldNotBeNull();
        wishes.Order.ShouldBe(["groq"]);
        wishes.Only.ShouldBe(["groq", "openai"]);
        wishes.Ignore.ShouldBeEmpty();
        wishes.AllowFallbacks.ShouldBe(false);
        wishes.RequireParameters.ShouldBe(true);
        wishes.DataCollection.ShouldBe("deny");
        wishes.ZeroRetention.ShouldBe(true);
        wishes.Quantizations.ShouldBe(["fp8"]);
        wishes.Sort.ShouldBe("price");
        wishes.MaxPricePico["prompt"].ShouldBe(300_000_000_000);
        wishes.MaxPricePico["completion"].ShouldBe(1_500_000_000_000);
    }

    [Fact]
    public void Payloads_areMeasuredApartFromText()
    {
        var image = Convert.ToBase64String(new byte[3000]);
        var pdf = Convert.ToBase64String(Encoding.ASCII.GetBytes(
            "%PDF-1.4 /Type /Pages /Type/Page /Type /Page>> /Type\n/Page /PageLabels"));
        var body = $$$"""
            {"model":"m","messages":[{"role":"user","content":[
             {"type":"image_url","image_url":{"url":"data:image/png;base64,{{{image}}}"}},
             {"type":"image_url","image_url":"https://example.com/a.png"},
             {"type":"input_audio","input_audio":{"data":"{{{image}}}","format":"wav"}},
             {"type":"file","file":{"file_data":"data:application/pdf;base64,{{{pdf.Replace("/", "\\/")}}}"}},
             {"type":"file","file":{"file_data":"{{{image}}}","filename":"a.bin"}},
             {"type":"file","file":{"file_id":"file-1"}},
             {"type":"video_url","video_url":{"url":"https://example.com/a.mp4"}}]}]}
            """;

        var input = Accept(body).Input;

        var payload = 3 * image.Length + pdf.Replace("/", "\\/").Length;
        input.ShouldBe(new InputSize(Encoding.UTF8.GetByteCount(body) - payload, 1, 2, 3, 3000, 2, 1, 3000));
    }

    [Fact]
    public void PdfThatHidesItsPages_countsByItsBytes()
    {
        var pdf = Convert.ToBase64String("%PDF-1.7 /Type /Page /Type /ObjStm"u8);

        var input = Accept($$$"""
            {"model":"m","messages":[{"role":"user","content":[{"file":{"file_data":"{{{pdf}}}"}}]}]}
            """).Input;

        input.Pages.ShouldBe(0);
        input.UncountedFileBytes.ShouldBe(36);
    }

    [Fact]
    public void Stickiness_followsTheOpeningAndNothingLater()
    {
        string Of(string system, string first, string later) => Accept($$"""
            {"model":"m","messages":[{"role":"system","content":"{{system}}"},{"content":"{{first}}","role":"user"},
             {"role":"assistant","content":"ok"},{"role":"user","content":"{{later}}"}]}
            """).Stickiness;

        Of("s", "a", "x").ShouldBe(Of("s", "a", "y"));
        Of("s", "a", "x").ShouldNotBe(Of("s", "b", "x"));
        Of("s", "a", "x").ShouldNotBe(Of("t", "a", "x"));
    }

    [Theory]
    [InlineData("", null, "invalid_json")]
    [InlineData("{", null, "invalid_json")]
    [InlineData("[]", null, "invalid_type")]
    [InlineData("nonsense", null, "invalid_json")]
    [InlineData("{\"model\":\"m\",}", null, "invalid_json")]
    [InlineData("{\"model\":\"m\"/**/}", null, "invalid_json")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}]} x", null, "invalid_json")]
    [InlineData("{\"messages\":[{}]}", "model", "missing_required_parameter")]
    [InlineData("{\"model\":\"\",\"messages\":[{}]}", "model", "missing_required_parameter")]
    [InlineData("{\"model\":5,\"messages\":[{}]}", "model", "invalid_type")]
    [InlineData("{\"model\":\"m\"}", "messages", "missing_required_parameter")]
    [InlineData("{\"model\":\"m\",\"messages\":[]}", "messages", "invalid_value")]
    [InlineData("{\"model\":\"m\",\"messages\":\"hi\"}", "messages", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":null}", "messages", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":[{},\"hi\"]}", "messages[1]", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"role\":1}]}", "messages[0].role", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"content\":1}]}", "messages[0].content", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"content\":[1]}]}", "messages[0].content[0]", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"model\":\"n\",\"messages\":[{}]}", "model", "duplicate_parameter")]
    [InlineData("{\"model\":\"m\",\"mod\\u0065l\":\"n\",\"messages\":[{}]}", "model", "duplicate_parameter")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}],\"stream\":\"true\"}", "stream", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}],\"stream_options\":true}", "stream_options", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}],\"stream_options\":{\"include_usage\":1}}",
        "stream_options.include_usage", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}],\"tools\":{}}", "tools", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}],\"tools\":[1]}", "tools[0]", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}],\"models\":\"a\"}", "models", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}],\"provider\":[]}", "provider", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}],\"provider\":{\"order\":\"a\"}}", "provider.order", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}],\"provider\":{\"zdr\":1}}", "provider.zdr", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}],\"provider\":{\"data_collection\":\"no\"}}",
        "provider.data_collection", "invalid_value")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}],\"provider\":{\"max_price\":{\"prompt\":-1}}}",
        "provider.max_price.prompt", "invalid_value")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}],\"provider\":{\"max_price\":{\"prompt\":1e309}}}",
        "provider.max_price.prompt", "invalid_value")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}],\"reasoning\":{\"max_tokens\":1.5}}",
        "reasoning.max_tokens", "invalid_value")]
    public void BadRequest_isRefusedByName(string body, string? param, string code)
    {
        var refusal = Refuse(Encoding.UTF8.GetBytes(body));

        refusal.Param.ShouldBe(param);
        refusal.Code.ShouldBe(code);
        refusal.Message.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("\"12\"")]
    [InlineData("1e309")]
    [InlineData("2147483648")]
    [InlineData("9007199254740993")]
    [InlineData("9223372036854775807")]
    [InlineData("9223372036854775808")]
    [InlineData("18446744073709551615")]
    [InlineData("true")]
    [InlineData("{}")]
    public void NumberThatIsNoLimit_isRefusedByName(string number)
    {
        foreach (var name in (string[])["n", "max_tokens", "max_completion_tokens"])
        {
            Refuse(Encoding.UTF8.GetBytes(With($"\"{name}\":{number}"))).Param.ShouldBe(name);
        }
    }

    [Fact]
    public void NaN_isNotJson()
    {
        Refuse(Encoding.UTF8.GetBytes(With("\"n\":NaN"))).Code.ShouldBe("invalid_json");
    }

    [Fact]
    public void NullLimits_areAbsent()
    {
        var facts = Accept(With("\"n\":null,\"max_tokens\":null,\"stream\":null,\"stream_options\":null,\"tools\":null"));

        facts.OutputLimit.ShouldBeNull();
        facts.Choices.ShouldBe(1);
    }

    [Fact]
    public void DeepNesting_isRefusedAndSixtyFourLevelsPass()
    {
        string Nested(int levels) => With("\"x\":" + new string('[', levels) + new string(']', levels));

        OpenAiChatDialect.ReadRequest(Encoding.UTF8.GetBytes(Nested(63))).Facts.ShouldNotBeNull();
        Refuse(Encoding.UTF8.GetBytes(Nested(64))).Message.ShouldContain("64 levels");
        Refuse(Encoding.UTF8.GetBytes(Nested(100_000))).Code.ShouldBe("invalid_json");
    }

    [Fact]
    public void InvalidUtf8_isRefused()
    {
        var bytes = Encoding.UTF8.GetBytes(Minimal);
        bytes[^5] = 0xFF;

        Refuse(bytes).Code.ShouldBe("invalid_json");
    }

    [Fact]
    public void ThousandsOfMembers_areRefused()
    {
        Refuse(Encoding.UTF8.GetBytes(With(string.Join(",", Enumerable.Range(0, 5000).Select(i => $"\"m{i}\":1")))))
            .Code.ShouldBe("too_large");
    }

    [Fact]
    public void LoneSurrogateInAName_isNoException()
    {
        Accept(With("\"\\ud83d\":1,\"user\":\"\\ude00\"")).Model.ShouldBe("m");
    }

    private static string With(string members) => "{\"model\":\"m\",\"messages\":[{}]," + members + "}";

    private static RequestFacts Accept(string body)
    {
        var reading = OpenAiChatDialect.ReadRequest(Encoding.UTF8.GetBytes(body));
        reading.Refusal.ShouldBeNull();
        return reading.Facts.ShouldNotBeNull();
    }

    private static RequestRefusal Refuse(byte[] body)
    {
        var reading = OpenAiChatDialect.ReadRequest(body);
        reading.Facts.ShouldBeNull();
        return reading.Refusal.ShouldNotBeNull();
    }
}
