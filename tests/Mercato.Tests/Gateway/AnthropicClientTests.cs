using System.Text;
using System.Text.Json;
using Anthropic;
using Anthropic.Models.Messages;
using Mercato.Tests.Hosting;

namespace Mercato.Tests.Gateway;

/// <summary>Anthropic's own client calls a host of its dialect and one of OpenAI's; what it is told is what is billed.</summary>
public sealed class AnthropicClientTests(SqliteManyHosts app) : IClassFixture<SqliteManyHosts>
{
    private const string Own = "anthropic/claude-sonnet-4-5";
    private const string Other = "openai/gpt-4o-mini";

    [Theory]
    [InlineData(Own)]
    [InlineData(Other)]
    public async Task Message_textAndUsageAsBilled(string model)
    {
        app.Reset();
        var customer = await app.CustomerAsync("0.50");
        var answer = await Client(customer).Messages.Create(Ask(model), TestContext.Current.CancellationToken);

        string.Concat(answer.Content.Select(TextOf)).Split(' ', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(10);
        answer.Usage.InputTokens.ShouldBe(20);
        answer.Usage.OutputTokens.ShouldBe(10);
        await UsageIsBilledAsync(customer, 20, 10);
    }

    [Theory]
    [InlineData(Own)]
    [InlineData(Other)]
    public async Task Stream_textAndUsageAsBilled(string model)
    {
        app.Reset();
        var customer = await app.CustomerAsync("0.50");
        var (text, output) = (new StringBuilder(), 0L);
        await foreach (var one in Client(customer).Messages.CreateStreaming(Ask(model), TestContext.Current.CancellationToken))
        {
            if (one.TryPickContentBlockDelta(out var piece) && piece.Delta.TryPickText(out var words))
            {
                text.Append(words.Text);
            }

            output = one.TryPickDelta(out var end) ? end.Usage.OutputTokens : output;
        }

        text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(10);
        output.ShouldBe(10);
        await UsageIsBilledAsync(customer, 20, 10);
    }

    [Theory]
    [InlineData(Own)]
    [InlineData(Other)]
    public async Task ToolLoop_callResultAndFinalText(string model)
    {
        app.Reset();
        app.Labs.Alias("*", "fake-tools;in=20;out=10");
        app.Upstream.Alias("*", "fake-tools;in=20;out=10");
        var customer = await app.CustomerAsync("0.50");
        var client = Client(customer);
        var first = await client.Messages.Create(Ask(model) with { Tools = [Weather] }, TestContext.Current.CancellationToken);
        var call = first.Content.Select(block => block.TryPickToolUse(out var use) ? use : null).First(use => use is not null)!;
        call.Name.ShouldBe("weather");
        call.Input.Keys.ShouldBe(["city"]);

        var second = await client.Messages.Create(
            Ask(model) with
            {
                Tools = [Weather],
                Messages =
                [
                    new UserMessageParam("How is the weather?"),
                    new AssistantMessageParam(new List<ContentBlockParam>
                    {
                        new ToolUseBlockParam { ID = call.ID, Name = call.Name, Input = call.Input },
                    }),
                    new UserMessageParam(new List<ContentBlockParam>
                    {
                        new ToolResultBlockParam(call.ID) { Content = "Sunny." },
                    }),
                ],
            },
            TestContext.Current.CancellationToken);

        string.Concat(second.Content.Select(TextOf)).ShouldNotBeNullOrWhiteSpace();
        await UsageIsBilledAsync(customer,
            first.Usage.InputTokens + second.Usage.InputTokens, first.Usage.OutputTokens + second.Usage.OutputTokens);
    }

    private static Tool Weather { get; } = new()
    {
        Name = "weather",
        InputSchema = new InputSchema
        {
            Properties = new Dictionary<string, JsonElement>
            {
                ["city"] = JsonElement.Parse("""{"type":"string"}"""),
            },
            Required = ["city"],
        },
    };

    private AnthropicClient Client(Customer customer) =>
        new() { BaseUrl = app.Address, ApiKey = customer.Key, MaxRetries = 0 };

    private static MessageCreateParams Ask(string model) => new()
    {
        MaxTokens = 50,
        Model = model,
        Messages = [new UserMessageParam("How is the weather?")],
    };

    private static string TextOf(ContentBlock block) => block.TryPickText(out var text) ? text.Text : "";

    /// <summary>All the customer's calls together.</summary>
    private static async Task UsageIsBilledAsync(Customer customer, long input, long output)
    {
        var activity = await customer.GetAsync("/api/v1/activity");
        activity.EnumerateArray().Sum(row => row.GetProperty("prompt_tokens").GetInt64()).ShouldBe(input);
        activity.EnumerateArray().Sum(row => row.GetProperty("completion_tokens").GetInt64()).ShouldBe(output);
        (0.50m - await customer.BalanceAsync()).ShouldBe(activity.EnumerateArray().Sum(row => row.Dollars("usage")));
    }
}
