using System.Text;
using Mercato.Wire.Dialects.Gemini;

namespace Mercato.Wire.Tests.Gemini;

/// <summary>Bug class 8: one keyword that Gemini doesn't know is 400 for the whole request.</summary>
public sealed class SchemaSubsetTests
{
    [Theory]
    [InlineData(
        """{"$schema":"s","$id":"i","type":"object","additionalProperties":false,"propertyNames":{"pattern":"a"},"patternProperties":{},"properties":{"a":{"type":"integer","exclusiveMinimum":0,"minimum":1.50,"multipleOf":2,"default":3,"examples":[1]}},"required":["a","gone"],"x-own":1}""",
        """{"type":"object","properties":{"a":{"type":"integer","minimum":1.50}},"required":["a"]}""")]
    [InlineData("""{"type":["string","null"],"description":"d"}""", """{"type":"string","nullable":true,"description":"d"}""")]
    [InlineData(
        """{"anyOf":[{"type":"string","format":"uri"},{"type":"null"}],"description":"d"}""",
        """{"description":"d","type":"string","nullable":true}""")]
    [InlineData(
        """{"oneOf":[{"type":"string"},{"type":"integer","format":"int64"},{"type":"null"}]}""",
        """{"anyOf":[{"type":"string","nullable":true},{"type":"integer","nullable":true,"format":"int64"}]}""")]
    [InlineData(
        """{"type":["array","string"],"items":{"type":"number"},"enum":["a"]}""",
        """{"anyOf":[{"type":"array","items":{"type":"number"}},{"type":"string","enum":["a"]}]}""")]
    [InlineData(
        """{"type":"object","properties":{"a":{"type":"string"}},"anyOf":[{"required":["a"]},{"required":["b"]}]}""",
        """{"type":"object","properties":{"a":{"type":"string"}}}""")]
    [InlineData("""{"const":"a"}""", """{"type":"string","enum":["a"]}""")]
    [InlineData("""{"type":"integer","enum":[1,2]}""", """{"type":"integer"}""")]
    [InlineData("""{"type":"string","enum":["a","","a",null]}""", """{"type":"string","enum":["a"]}""")]
    [InlineData(
        """{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/leaf"}}},"leaf":{"type":"string"}}}""",
        """{"type":"object","properties":{"next":{"type":"string"}}}""")]
    [InlineData(
        """{"allOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"type":"boolean"}}}]}""",
        """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"boolean"}},"required":["a"]}""")]
    [InlineData(
        """{"type":"object","properties":{"default":{"type":"string"},"const":{"items":true,"type":"array"}}}""",
        """{"type":"object","properties":{"default":{"type":"string"},"const":{"type":"array"}}}""")]
    [InlineData("true", "{}")]
    [InlineData("""{"$ref":"https://x.example/s"}""", "{}")]
    [InlineData("""{"$ref":"#"}""", "{}")]
    public void Schema_isCutToWhatIsAllowed(string schema, string subset) =>
        Encoding.UTF8.GetString(SchemaSubset.Of(Said.Json(schema))).ShouldBe(subset);

    [Fact]
    public void SchemaThatNamesItself_ends()
    {
        var subset = SchemaSubset.Of(Said.Json(
            """{"type":"object","properties":{"a":{"$ref":"#"},"b":{"$ref":"#"},"c":{"$ref":"#"}}}"""));

        subset.Length.ShouldBeLessThan(1_000_000);
        Said.Json(Encoding.UTF8.GetString(subset)).Find("properties")!.Value.Find("a")!.Value.FindText("type").ShouldBe("object");
    }
}
