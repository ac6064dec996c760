using System.Text;
using System.Text.Json;
using Mercato.Chat;
using Mercato.Tests.Accounts;
using Mercato.Tests.Gateway;

namespace Mercato.Tests.Chat;

/// <summary>Words that are no text, and Markdown nested without end: conversations take or refuse them, and their pages show.</summary>
public abstract class HostileWordsTests(GatewayApp app)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Deep =>
    [
        "quotes", "lists", "brackets", "emphasis", "links", "headings", "pipes", "ticks",
    ];

    [Theory]
    [InlineData("""{"content":"half of a \uD83D letter"}""")]
    [InlineData("""{"content":"\uDE42"}""")]
    [InlineData("""{"content":"a \u0000 in it"}""")]
    [InlineData("""{"content":"fine","model":"lab/\u0000"}""")]
    public async Task NoText_Refused(string body)
    {
        var conversation = await StartAsync(app.Customer);

        await (await PostAsync(app.Customer, conversation + "/messages", body)).RefusedAsync(400, "invalid-request");

        (await (await app.Customer.Person.Client.AskAsync(conversation)).ReadAsync(200))
            .GetProperty("data").GetProperty("messages").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("""{"model":"lab/fake-echo","title":"a \u0000 in it"}""")]
    [InlineData("""{"model":"lab/\u0000"}""")]
    [InlineData("""{"model":"lab/fake-echo","title":"\uD83D"}""")]
    public async Task NoTextInTheTitle_Refused(string body) =>
        await (await PostAsync(app.Customer, "/api/v1/conversations", body)).RefusedAsync(400, "invalid-request");

    [Fact]
    public async Task TitleCutInsideOfALetter_KeepsWholeLetters()
    {
        // The 79th and 80th character are the halves of one letter.
        var words = new string('a', 78) + "🙂🙂🙂";
        var conversation = await StartAsync(app.Customer);

        await SayAsync(app.Customer, conversation, words);

        var title = (await (await app.Customer.Person.Client.AskAsync(conversation)).ReadAsync(200))
            .GetProperty("data").Text("title");
        title.ShouldBe(new string('a', 78) + "…");
        (await PageAsync(conversation)).ShouldContain(title);
    }

    [Fact]
    public async Task ReplyWithBrokenText_IsKeptAndShown()
    {
        var conversation = await StartAsync(app.Customer, "lab/fake-ok;in=20;out=10;bad-utf8");

        var events = await SayAsync(app.Customer, conversation, "Say something.");

        events.ShouldContain("event: done");
        (await PageAsync(conversation)).ShouldContain("\uFFFD");
    }

    [Fact]
    public async Task ReplyWithNul_IsKeptWithoutIt()
    {
        var conversation = await StartAsync(app.Customer, "lab/fake-ok;in=20;out=3;nul");

        (await SayAsync(app.Customer, conversation, "Say something.")).ShouldContain("event: done");

        var reply = (await (await app.Customer.Person.Client.AskAsync(conversation)).ReadAsync(200))
            .GetProperty("data").GetProperty("messages")[1];
        reply.Text("state").ShouldBe("done");
        reply.Text("content").ShouldBe("the sun rose");
    }

    [Fact]
    public async Task HalfLetterInAReply_IsShownAsMissing()
    {
        using var run = new ChatRun(Token);
        using var sink = new RunSink(run);
        sink.Start(200, "text/event-stream");

        await sink.WriteAsync("data: {\"choices\":[{\"delta\":{\"content\":\"a \\uD83D b\"}}]}\n\n"u8.ToArray());

        run.Read().Moment.Text.ShouldBe("a \uFFFD b");
    }

    /// <summary>The parser would take minutes: its time grows with the square of what it has to weigh.</summary>
    [Theory]
    [InlineData("|", "x|-\n-|-\n")]
    [InlineData("[", "")]
    [InlineData("[a](", "")]
    [InlineData("*a **b ", "")]
    [InlineData("> ", "")]
    [InlineData("- ", "")]
    [InlineData("1. ", "")]
    public void DenseMarkdown_IsShownPlainAndSoon(string piece, string head)
    {
        var dense = head + string.Concat(Enumerable.Repeat(piece, 150_000)) + "x";

        System.Net.WebUtility.HtmlDecode(MarkdownText.ToHtml(dense)).ShouldBe("<p>" + dense + "</p>");
    }

    [Fact]
    public void CodeOfManyMarks_StaysCode() =>
        MarkdownText.ToHtml("```\n" + new string('[', 10_000) + "\n```\n").ShouldStartWith("<pre><code>[[[");

    [Theory]
    [MemberData(nameof(Deep))]
    public async Task DeepMarkdown_IsWrittenKeptAndShown(string kind)
    {
        app.Upstream.Reset();
        var conversation = await StartAsync(app.Customer);

        var events = await SayAsync(app.Customer, conversation, TextOf(kind));

        events.ShouldContain("event: done");
        await PageAsync(conversation);
        (await app.Anonymous.AskAsync("/health/live")).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Deep))]
    public void DeepMarkdown_BecomesSafeHtml(string kind) =>
        MarkdownText.ToHtml(TextOf(kind) + "<script>").ShouldNotContain("<script");

    private static string TextOf(string kind) => kind switch
    {
        "quotes" => new string('>', 20_000) + " x",
        "lists" => string.Concat(Enumerable.Range(0, 300).Select(depth => new string(' ', depth * 2) + "- x\n")),
        "brackets" => new string('[', 20_000) + "x" + new string(']', 20_000),
        "emphasis" => string.Concat(Enumerable.Repeat("*a **b ", 4_000)),
        "links" => string.Concat(Enumerable.Repeat("[a](", 5_000)),
        "headings" => string.Concat(Enumerable.Repeat("> # - 1. ", 2_000)),
        "pipes" => "a|b\n-|-\n" + new string('|', 20_000),
        _ => string.Concat(Enumerable.Range(1, 150).Select(count => new string('`', count) + " ")),
    };

    private static async Task<string> StartAsync(Customer customer, string model = "lab/fake-echo") =>
        "/api/v1/conversations/" + (await (await customer.Person.Client.PostAsync(
            "/api/v1/conversations", new { model })).ReadAsync(201)).GetProperty("data").Text("id");

    /// <summary>Sends words and reads the reply to its end.</summary>
    private static async Task<string> SayAsync(Customer customer, string conversation, string content)
    {
        var sent = await (await customer.Person.Client.PostAsync(conversation + "/messages", new { content })).ReadAsync(202);
        return await (await customer.Person.Client.AskAsync(
            $"{conversation}/messages/{sent.Text("message_id")}/stream")).ReadAnyAsync(200);
    }

    private static async Task<HttpResponseMessage> PostAsync(Customer customer, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await customer.Person.Client.PostAsync(path, content, Token);
    }

    /// <summary>The chat page as its owner's browser gets it.</summary>
    private async Task<string> PageAsync(string conversation) =>
        System.Net.WebUtility.HtmlDecode(await (await app.Customer.Person.Client.AskAsync(
            "/chat/" + conversation.Split('/')[^1])).ReadAnyAsync(200));
}

public sealed class HostileWordsOnSqlite(SqliteGateway app) : HostileWordsTests(app), IClassFixture<SqliteGateway>;

public sealed class HostileWordsOnPostgres(PostgresGateway app) : HostileWordsTests(app), IClassFixture<PostgresGateway>;
