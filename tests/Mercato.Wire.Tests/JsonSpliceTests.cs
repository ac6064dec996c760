using System.Text;
using System.Text.Json.Nodes;
using CsCheck;

namespace Mercato.Wire.Tests;

public sealed class JsonSpliceTests
{
    [Theory]
    [InlineData("{}", "{\"model\":\"x\"}")]
    [InlineData("{ }", "{\"model\":\"x\" }")]
    [InlineData("{\"model\":\"a\"}", "{\"model\":\"x\"}")]
    [InlineData(" {\n  \"n\" : 1.0 ,\n  \"model\" :\"a\"\n} ", " {\n  \"n\" : 1.0 ,\n  \"model\" :\"x\"\n} ")]
    [InlineData("{\"n\":1e400}", "{\"n\":1e400,\"model\":\"x\"}")]
    [InlineData("{\"mod\\u0065l\":\"a\",\"b\":2}", "{\"mod\\u0065l\":\"x\",\"b\":2}")]
    public void Set_changesOneValueAndNothingElse(string json, string expected)
    {
        Text(Splice(json).SetText("model", "x").ToBytes()).ShouldBe(expected);
    }

    [Theory]
    [InlineData("{\"a\":1}", "{}")]
    [InlineData("{\"a\":1,\"b\":2}", "{\"b\":2}")]
    [InlineData("{ \"a\" : 1 , \"b\" : 2 }", "{ \"b\" : 2 }")]
    [InlineData("{\"b\":2,\"a\":1}", "{\"b\":2}")]
    [InlineData("{\"b\":2 , \"a\":[{}] }", "{\"b\":2 }")]
    [InlineData("{\"b\":2,\"a\":1,\"c\":3}", "{\"b\":2,\"c\":3}")]
    [InlineData("{\"a\":1,\"a\":2,\"c\":3}", "{\"c\":3}")]
    [InlineData("{\"c\":3}", "{\"c\":3}")]
    public void Remove_takesTheCommaWithIt(string json, string expected)
    {
        Text(Splice(json).Remove("a").ToBytes()).ShouldBe(expected);
    }

    [Theory]
    [InlineData("{}", "{\"o\":{\"u\":true}}")]
    [InlineData("{\"o\":null}", "{\"o\":{\"u\":true}}")]
    [InlineData("{\"o\":{}}", "{\"o\":{\"u\":true}}")]
    [InlineData("{\"o\":{\"z\":1, \"u\":false}}", "{\"o\":{\"z\":1, \"u\":true}}")]
    [InlineData("{\"o\": {\"z\":1.50} }", "{\"o\": {\"z\":1.50,\"u\":true} }")]
    public void SetInside_reachesOneLevelDown(string json, string expected)
    {
        Text(Splice(json).SetInside("o", "u", "true"u8.ToArray()).ToBytes()).ShouldBe(expected);
    }

    [Fact]
    public void RemoveInside_leavesAnAbsentParentAlone()
    {
        Text(Splice("{\"a\":{\"u\":1,\"v\":2}}").RemoveInside("a", "u").RemoveInside("b", "u").ToBytes())
            .ShouldBe("{\"a\":{\"v\":2}}");
    }

    [Fact]
    public void RemovingAllAndSettingOne_leavesOneMember()
    {
        Text(Splice("{\"a\":1,\"b\":2}").Remove("a").Remove("b").Set("c", "3"u8.ToArray()).ToBytes())
            .ShouldBe("{\"c\":3}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{} {}")]
    [InlineData("<html>")]
    public void WhatIsNoObject_isNotSpliced(string json)
    {
        JsonSplice.Read(Encoding.UTF8.GetBytes(json)).ShouldBeNull();
    }

    [Fact]
    public void AbsentMember_hasNoValue()
    {
        JsonMembers.Read("{\"a\":1}"u8.ToArray())!.FindValue("b").HasValue.ShouldBeFalse();
    }

    [Fact]
    public void AnyEdit_parsesEqualToTheSameEditOnATree()
    {
        Gen.Select(Documents, Gen.OneOf("a", "b", "c", "new"), Gen.Bool).Sample((json, name, isRemoval) =>
        {
            var tree = (JsonObject)JsonNode.Parse(json)!;
            var splice = Splice(json);
            if (isRemoval)
            {
                tree.Remove(name);
                splice.Remove(name);
            }
            else
            {
                tree[name] = JsonNode.Parse("[1.50,{}]");
                splice.Set(name, "[1.50,{}]"u8.ToArray());
            }

            JsonNode.DeepEquals(JsonNode.Parse(splice.ToBytes()), tree).ShouldBeTrue(json);
        }, iter: 5_000);
    }

    [Fact]
    public void AnySet_leavesTheBytesBeforeAndAfterAlone()
    {
        Gen.Select(Documents, Gen.OneOf("a", "b", "c")).Sample((json, name) =>
        {
            if (JsonMembers.Read(Encoding.UTF8.GetBytes(json))!.Find(name) is not { } member)
            {
                return;
            }

            var bytes = Encoding.UTF8.GetBytes(json);
            var expected = Text(bytes[..member.ValueStart]) + "\"edited\"" + Text(bytes[member.End..]);
            Text(Splice(json).SetText(name, "edited").ToBytes()).ShouldBe(expected);
        }, iter: 5_000);
    }

    [Fact]
    public void NoEdit_givesTheSameBytes()
    {
        Documents.Sample(json => Text(Splice(json).ToBytes()).ShouldBe(json), iter: 2_000);
    }

    private static readonly Gen<string> Blank = Gen.OneOf("", "", " ", "\n  ", "\t");

    private static readonly Gen<string> Values = Gen.OneOf(
        "1", "1.0", "-0", "12345678901234567890.123", "1e5", "\"é\\u00e9\\\"{\"", "\"\"", "null", "true", "[]", "[1,[2]]",
        "{}", "{\"a\":{\"b\":[\"}\"]}}", "\"a,b:c\"");

    private static readonly Gen<string> Documents =
        from names in Gen.Shuffle(new[] { "a", "b", "c", "é\\n" }, 0, 4)
        from values in Values.Array[4]
        from blanks in Blank.Array[18]
        select blanks[0] + "{" + string.Join(",", names.Select((name, index) =>
            $"{blanks[1 + index]}\"{name}\"{blanks[5 + index]}:{blanks[9 + index]}{values[index]}{blanks[13 + index]}"))
            + (names.Length == 0 ? blanks[1] : "") + "}" + blanks[17];

    private static JsonSplice Splice(string json) => JsonSplice.Read(Encoding.UTF8.GetBytes(json))!;

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
