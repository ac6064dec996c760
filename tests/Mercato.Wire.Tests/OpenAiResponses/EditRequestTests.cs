using Mercato.Wire;

namespace Mercato.Wire.Tests.OpenAiResponses;

public sealed class EditRequestTests
{
    private static readonly HostQuirks Quirks = new();

    [Fact]
    public void NothingToChange_isTheCallersOwnMemory()
    {
        var facts = Wire.Read("""{ "model":"m", "input" : "x","n":1.0 }""").Facts!;

        var request = Wire.Client.EditRequest(facts, new RequestEdits("m", Quirks, null, RemovesExtensions: true));

        request.Body.ShouldBe(facts.Members.Document);
        request.Dropped.ShouldBeEmpty();
    }

    [Fact]
    public void OnlyModelLimitAndExtensions_change()
    {
        Edit(
            """{ "model":"m", "input" : [ {"role":"user","content":"\u00e9"} ],"temperature":1.0,"route":"x","max_output_tokens":99,"usage":{},"reasoning":{"effort":"low"}}""",
            out var dropped, limit: 50)
            .ShouldBe("""{ "model":"host-m", "input" : [ {"role":"user","content":"\u00e9"} ],"temperature":1.0,"max_output_tokens":50,"reasoning":{"effort":"low"}}""");
        dropped.ShouldBe(["route"]);
    }

    [Fact]
    public void AnswerWantedLater_isWaitedForAndNamed()
    {
        Edit("""{"model":"m","input":"x","background":true}""", out var dropped, removesExtensions: false)
            .ShouldBe("""{"model":"host-m","input":"x"}""");
        dropped.ShouldBe(["background"]);
    }

    [Fact]
    public void WildcardModel_keepsEverything() =>
        Edit("""{"model":"m","input":"x","route":"x","reasoning":{"max_tokens":9}}""", out _, removesExtensions: false)
            .ShouldBe("""{"model":"host-m","input":"x","route":"x","reasoning":{"max_tokens":9}}""");

    [Fact]
    public void LimitUnderTheDialectsLeast_isTheLeast() =>
        Edit("""{"model":"m","input":"x"}""", out _, limit: 3)
            .ShouldBe("""{"model":"host-m","input":"x","max_output_tokens":16}""");

    [Theory]
    [InlineData("""{"max_tokens":20000}""", """{"effort":"high"}""")]
    [InlineData("""{"effort":"low","exclude":true,"summary":"auto"}""", """{"effort":"low"}""")]
    [InlineData("""{"enabled":true,"summary":"auto"}""", """{"summary":"auto"}""")]
    public void OurMembersOfReasoning_becomeTheDialects(string reasoning, string sent) =>
        Edit("{\"model\":\"m\",\"input\":\"x\",\"reasoning\":" + reasoning + "}", out _)
            .ShouldBe("{\"model\":\"host-m\",\"input\":\"x\",\"reasoning\":" + sent + "}");

    [Fact]
    public void SealsOfTheHost_areOpenedAndThoseOfOthersTakenOut()
    {
        var own = new Seal("host", "gAAA=", ItemId: "rs_9").ToToken();
        var bare = new Seal("host", "gBBB").ToToken();
        var foreign = new Seal("another", "sig").ToToken();

        Edit(
            """{"model":"m","input":[{"role":"user","content":"x"},{"type":"reasoning","id":"rs_gw","summary":[],"encrypted_content":"OWN"},"""
                .Replace("OWN", own, StringComparison.Ordinal)
            + """{"type":"reasoning","id":"rs_gx","summary":[],"encrypted_content":"FOREIGN"},""".Replace("FOREIGN", foreign, StringComparison.Ordinal)
            + """{"type":"reasoning","id":"rs_gy","summary":[],"encrypted_content":"BARE"},""".Replace("BARE", bare, StringComparison.Ordinal)
            + """{"type":"reasoning","id":"rs_n","summary":[],"encrypted_content":"gNATIVE"}],"store":false}""", out _)
            .ShouldBe(
                """{"model":"host-m","input":[{"role":"user","content":"x"},{"type":"reasoning","id":"rs_9","summary":[],"encrypted_content":"gAAA="},"""
                + """{"type":"reasoning","summary":[],"encrypted_content":"gBBB"},{"type":"reasoning","id":"rs_n","summary":[],"encrypted_content":"gNATIVE"}],"store":false}""");
    }

    private static string Edit(
        string body, out IReadOnlyList<string> dropped, long? limit = null, bool removesExtensions = true)
    {
        var request = Wire.Client.EditRequest(
            Wire.Read(body).Facts!, new RequestEdits("host-m", Quirks, limit, removesExtensions, "host"));
        dropped = request.Dropped;
        return Wire.Text(request.Body);
    }
}
