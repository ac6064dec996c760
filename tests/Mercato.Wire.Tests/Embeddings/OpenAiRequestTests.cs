using System.Text;
using Mercato.Wire.Dialects.Embeddings;

namespace Mercato.Wire.Tests.Embeddings;

public sealed class OpenAiRequestTests
{
    private static readonly OpenAiEmbeddings Host = OpenAiEmbeddings.Instance;

    [Fact]
    public void SameFormat_OnlyTheModelIsSpliced() =>
        Vectors.Write(Host, """{ "input" : ["a\u0041", "é"], "model":"author/name" , "truncation":true,"dimensions":1e2 }""")
            .ShouldBe("""{ "input" : ["a\u0041", "é"], "model":"hosts-name" , "truncation":true,"dimensions":1e2 }""");

    [Fact]
    public void Extensions_StayHereAndTheUnhonouredAreNamed()
    {
        Vectors.Write(Host, """{"model":"m","input":"a","provider":{"order":["x"]},"route":"fallback"}""", out var dropped)
            .ShouldBe("""{"model":"hosts-name","input":"a"}""");

        dropped.ShouldBe(["route"]);
    }

    [Fact]
    public void WildcardModel_EverythingTravels() =>
        Vectors.Write(Host, """{"model":"m","input":"a","route":"fallback"}""", out _, removesExtensions: false)
            .ShouldBe("""{"model":"hosts-name","input":"a","route":"fallback"}""");

    [Fact]
    public void Voyage_GetsItsOwnNames() =>
        Vectors.Write(Host, """{"model":"m","input":"a","dimensions":256,"encoding_format":"base64","user":"u"}""",
            Provider.BuiltIn["voyage"].Quirks).ShouldBe("""{"model":"hosts-name","input":"a","output_dimension":256}""");

    [Fact]
    public void HostWithoutEncodingFormat_IsNotAskedForIt() =>
        Vectors.Write(Host, """{"model":"m","input":"a","encoding_format":"float"}""",
            new HostQuirks(AcceptsEncodingFormat: false)).ShouldBe("""{"model":"hosts-name","input":"a"}""");

    [Theory]
    [InlineData("\"é\"", 1, 2)]
    [InlineData("[\"ab\",\"\"]", 2, 2)]
    [InlineData("[1,2,3]", 1, 12)]
    [InlineData("[[1,2],[3]]", 2, 12)]
    [InlineData("[[1],\"ab\"]", 2, 6)]
    public void Input_IsCountedHoweverItComes(string input, int inputs, long bytes)
    {
        var reading = Vectors.Read($$"""{"model":"m","input":{{input}}}""");

        reading.Request!.Inputs.Count.ShouldBe(inputs);
        reading.Facts!.Input.TextBytes.ShouldBe(bytes);
        reading.Request.HasTokens.ShouldBe(input.Any(char.IsDigit));
    }

    [Theory]
    [InlineData("", "invalid_json", null)]
    [InlineData("{", "invalid_json", null)]
    [InlineData("[]", "invalid_type", null)]
    [InlineData("""{"input":"a"}""", "missing_required_parameter", "model")]
    [InlineData("""{"model":"m"}""", "missing_required_parameter", "input")]
    [InlineData("""{"model":"m","input":null}""", "missing_required_parameter", "input")]
    [InlineData("""{"model":"m","model":"n","input":"a"}""", "duplicate_parameter", "model")]
    [InlineData("""{"model":7,"input":"a"}""", "invalid_type", "model")]
    [InlineData("""{"model":"m","input":{}}""", "invalid_type", "input")]
    [InlineData("""{"model":"m","input":[]}""", "invalid_value", "input")]
    [InlineData("""{"model":"m","input":["a",7]}""", "invalid_type", "input[1]")]
    [InlineData("""{"model":"m","input":[[]]}""", "invalid_type", "input[0]")]
    [InlineData("""{"model":"m","input":[1,-2]}""", "invalid_type", "input")]
    [InlineData("""{"model":"m","input":[1.5]}""", "invalid_type", "input")]
    [InlineData("""{"model":"m","input":[[1,"a"]]}""", "invalid_type", "input[0]")]
    [InlineData("""{"model":"m","input":"a","dimensions":0}""", "invalid_value", "dimensions")]
    [InlineData("""{"model":"m","input":"a","dimensions":1e309}""", "invalid_value", "dimensions")]
    [InlineData("""{"model":"m","input":"a","dimensions":"9"}""", "invalid_type", "dimensions")]
    [InlineData("""{"model":"m","input":"a","encoding_format":"hex"}""", "invalid_value", "encoding_format")]
    [InlineData("""{"model":"m","input":"a","provider":7}""", "invalid_type", "provider")]
    public void WrongBody_IsRefusedByMember(string body, string code, string? param)
    {
        var refusal = Vectors.Read(body).Refusal.ShouldNotBeNull();

        (refusal.Code, refusal.Param).ShouldBe((code, param));
    }

    [Fact]
    public void BytesThatAreNoUtf8_AreRefused() =>
        OpenAiEmbeddings.ReadRequest(new byte[] { (byte)'{', 0xFF, (byte)'}' }).Refusal!.Code.ShouldBe("invalid_json");

    [Fact]
    public void TooManyInputs_AreRefused() =>
        Vectors.Read($$"""{"model":"m","input":[{{string.Join(',', Enumerable.Repeat("\"\"", 2049))}}]}""")
            .Refusal!.Code.ShouldBe("too_large");

    [Fact]
    public void OneTextOfManyTokens_IsOneInput() =>
        Vectors.Read($$"""{"model":"m","input":[{{string.Join(',', Enumerable.Repeat("1", 5000))}}]}""")
            .Request!.Inputs.ShouldBe([new EmbeddingInput(null, 5000)]);

    [Fact]
    public void AnyBytes_NeverThrow()
    {
        var whole = Encoding.UTF8.GetBytes("""{"model":"m","input":["a",[1,2]],"dimensions":3,"provider":{"only":["x"]}}""");
        for (var end = 0; end < whole.Length; end++)
        {
            OpenAiEmbeddings.ReadRequest(whole.AsMemory(0, end)).Refusal.ShouldNotBeNull();
        }
    }
}
