using System.Text;
using System.Text.Json;
using Mercato.Ledger;

namespace Mercato.Tests.Spending;

/// <summary>What a customer saw of a call.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="OpId">Our id of the call, from the header; null when the call never became one.</param>
/// <param name="IsWhole">Whether its end came: the end marker with the bill before it, or the whole body.</param>
/// <param name="Cost">`usage.mercato.cost_usd`.</param>
/// <param name="Text">The content of a stream as far as it came; the body of a refusal.</param>
internal sealed record Reply(int Status, Guid? OpId, bool IsWhole, Money? Cost, string Text);

/// <summary>Calls models over HTTP as any OpenAI client does.</summary>
internal sealed class Customer(HttpClient client)
{
    public HttpClient Client => client;

    public static byte[] Body(string model, int maxTokens, bool stream) => JsonSerializer.SerializeToUtf8Bytes(
        stream
            ? (object)new
            {
                model,
                messages = new[] { new { role = "user", content = "Tell me a story." } },
                max_tokens = maxTokens,
                stream,
                stream_options = new { include_usage = true },
            }
            : new
            {
                model,
                messages = new[] { new { role = "user", content = "Tell me a story." } },
                max_tokens = maxTokens,
            });

    public async Task<Reply> AskAsync(string model, int maxTokens, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(model, maxTokens, stream: false, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? new Reply(200, OpIdOf(answer), true, CostIn(JsonDocument.Parse(body).RootElement), body)
            : new Reply((int)answer.StatusCode, OpIdOf(answer), false, null, body);
    }

    /// <summary>Reads a stream to its end, or hangs up after so many events.</summary>
    public async Task<Reply> StreamAsync(
        string model, int maxTokens, int? leaveAfter, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(model, maxTokens, stream: true, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            return new Reply((int)answer.StatusCode, OpIdOf(answer), false, null,
                await answer.Content.ReadAsStringAsync(cancellationToken));
        }

        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new StreamReader(stream);
        var (text, events, cost, isWhole) = (new StringBuilder(), 0, (Money?)null, false);
        while (events != leaveAfter && !isWhole && await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line == "data: [DONE]")
            {
                isWhole = true;
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                events++;
                using var chunk = JsonDocument.Parse(line.AsMemory(6));
                cost = CostIn(chunk.RootElement) ?? cost;
                text.Append(ContentIn(chunk.RootElement));
            }
        }

        return new Reply(200, OpIdOf(answer), isWhole && cost is not null, cost, text.ToString());
    }

    private async Task<HttpResponseMessage> SendAsync(
        string model, int maxTokens, bool stream, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions");
        request.Content = new ByteArrayContent(Body(model, maxTokens, stream));
        request.Content.Headers.ContentType = new("application/json");
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private static Guid? OpIdOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("x-generation-id", out var values) ? Guid.Parse(values.Single()[4..]) : null;

    private static Money? CostIn(JsonElement answer) =>
        answer.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object
        && usage.TryGetProperty("mercato", out var mercato)
        && Money.TryParse(mercato.GetProperty("cost_usd").GetString(), out var cost)
            ? cost
            : null;

    private static string? ContentIn(JsonElement chunk) =>
        chunk.TryGetProperty("choices", out var choices) && choices.GetArrayLength() > 0
        && choices[0].TryGetProperty("delta", out var delta) && delta.TryGetProperty("content", out var content)
            ? content.GetString()
            : null;
}
