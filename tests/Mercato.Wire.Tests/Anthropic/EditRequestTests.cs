using System.Text;
using Mercato.Wire;

namespace Mercato.Wire.Tests.Anthropic;

/// <summary>A caller's own bytes for a host of the same dialect.</summary>
public sealed class EditRequestTests
{
    [Fact]
    public void NothingToChange_leavesTheCallersBytes()
    {
        const string Body = """{ "model": "m", "max_tokens":1.0e2 ,"messages":[ {"role":"user","content":"\u00e9"} ],"x":1 }""";
        var bytes = Encoding.UTF8.GetBytes(Body);
        var facts = Wire.Client.ReadRequest(bytes).Facts!;

        Wire.Client.EditRequest(facts, Edits("m")).Body.ShouldBe(bytes.AsMemory());
    }

    [Fact]
    public void ModelAndLimit_areTheOnlyBytesThatChange() =>
        Edit("""{ "model":"a/b", "max_tokens": 900,"messages":[{"role":"user","content":"x"}] }""",
                Edits("claude", limit: 50))
            .Body.ShouldBe("""{ "model":"claude", "max_tokens": 50,"messages":[{"role":"user","content":"x"}] }""");

    [Theory]
    [InlineData(3000, "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2048}", "")]
    [InlineData(2048, "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2047}", "")]
    [InlineData(1024, "", "thinking")]
    public void BudgetForThinking_staysBelowTheLimit(long limit, string thinking, string dropped)
    {
        const string Wish = ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2048}";
        var body = "{\"model\":\"m\",\"max_tokens\":4096,\"messages\":[" + Wire.Question + "]" + Wish + "}";
        var wanted = "{\"model\":\"m\",\"max_tokens\":" + limit + ",\"messages\":[" + Wire.Question + "]"
            + (thinking == "" ? "" : "," + thinking) + "}";

        var edited = Edit(body, Edits("m", limit));

        edited.Body.ShouldBe(wanted);
        string.Join(',', edited.Dropped).ShouldBe(dropped);
    }

    [Fact]
    public void ExtensionList_isRemovedForCatalogModelsOnly()
    {
        var body = Wire.Body("\"provider\":{\"order\":[\"a\"]},\"transforms\":[\"middle-out\"],\"session_id\":\"s\",\"container\":\"c\"");

        var catalog = Edit(body, Edits("m", removesExtensions: true));
        catalog.Body.ShouldBe(Wire.Body("\"container\":\"c\""));
        catalog.Dropped.ShouldBe(["transforms"]);
        Edit(body, Edits("m")).Body.ShouldBe(body);
    }

    [Fact]
    public void OwnSeals_areUnwrapped_andForeignThoughtsTakenOut()
    {
        var own = new Seal("host", "EqQB").ToToken();
        var ownHidden = new Seal("host", "Eo4", IsRedacted: true).ToToken();
        var foreign = new Seal("other", "x").ToToken();

        Edit(
                History(
                    "{\"type\":\"thinking\",\"thinking\":\"a\",\"signature\":\"" + own + "\"},"
                    + "{\"type\":\"thinking\",\"thinking\":\"b\",\"signature\":\"" + foreign + "\"},"
                    + "{\"type\":\"thinking\",\"thinking\":\"c\",\"signature\":\"mercato:1:s:::\"},"
                    + "{\"type\":\"redacted_thinking\",\"data\":\"" + ownHidden + "\"},"
                    + "{ \"type\":\"text\", \"text\":\"d\" }"),
                Edits("m"))
            .Body.ShouldBe(History(
                "{\"type\":\"thinking\",\"thinking\":\"a\",\"signature\":\"EqQB\"},"
                + "{\"type\":\"redacted_thinking\",\"data\":\"Eo4\"},{ \"type\":\"text\", \"text\":\"d\" }"));
    }

    [Fact]
    public void MessageOfForeignThoughtsOnly_isTakenOut()
    {
        var foreign = new Seal("other", "x").ToToken();

        Edit(History("{\"type\":\"thinking\",\"thinking\":\"b\",\"signature\":\"" + foreign + "\"}"), Edits("m"))
            .Body.ShouldBe("{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" + Wire.Question + "," + Wire.Question + "]}");
    }

    [Fact]
    public void SealsInsideText_areText()
    {
        var body = History("{\"type\":\"text\",\"text\":\"mercato:1:s:other::x\"}");

        Edit(body, Edits("m")).Body.ShouldBe(body);
    }

    [Theory]
    [InlineData("enabled", true)]
    [InlineData("adaptive", false)]
    public void RoundOfCallsThatLosesItsThought_losesTheBudgetToo(string type, bool isDropped)
    {
        var foreign = new Seal("other", "x").ToToken();
        var edited = Edit(
            "{\"model\":\"m\",\"max_tokens\":4096,\"messages\":[" + Wire.Question + ",{\"role\":\"assistant\",\"content\":["
            + "{\"type\":\"thinking\",\"thinking\":\"b\",\"signature\":\"" + foreign + "\"},"
            + "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"ls\",\"input\":{}}]},"
            + "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":\"ok\"},"
            + "{\"type\":\"text\",\"text\":\"a reminder\"}]}],"
            + "\"thinking\":{\"type\":\"" + type + "\",\"budget_tokens\":1024},"
            + "\"context_management\":{\"edits\":[{\"type\":\"clear_thinking_20251015\"}]}}",
            Edits("m"));

        edited.Body.Contains("\"thinking\":{", StringComparison.Ordinal).ShouldBe(!isDropped);
        edited.Body.Contains("context_management", StringComparison.Ordinal).ShouldBe(!isDropped);
        edited.Dropped.ShouldBe(isDropped ? ["thinking"] : []);
    }

    private static string History(string blocks) =>
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" + Wire.Question + ",{\"role\":\"assistant\",\"content\":["
        + blocks + "]}," + Wire.Question + "]}";

    private static RequestEdits Edits(string model, long? limit = null, bool removesExtensions = false) =>
        new(model, new HostQuirks(), limit, removesExtensions, "host");

    private static (string Body, IReadOnlyList<string> Dropped) Edit(string body, RequestEdits edits)
    {
        var facts = Wire.Read(body).Facts.ShouldNotBeNull();
        var edited = Wire.Client.EditRequest(facts, edits);
        return (Wire.Text(edited.Body), edited.Dropped);
    }
}
