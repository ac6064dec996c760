using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

public sealed partial class AnthropicDialect
{
    /// <inheritdoc/>
    public IReadOnlyList<ChatDelta> ReadAnswer(ReadOnlyMemory<byte> body, string provider)
    {
        if (JsonText.ParseElement(body.Span) is not { ValueKind: JsonValueKind.Object } answer)
        {
            return [NotJson(body.IsEmpty
                ? "The host answered 200 with an empty body."
                : "The host answered 200 with a body that is not JSON.")];
        }

        if (answer.Find("error") is not null)
        {
            return [new ErrorDelta(InBandError(body, answer))];
        }

        if (answer.Find("content") is not { ValueKind: JsonValueKind.Array } content)
        {
            return [NotJson("The host answered 200 without content.")];
        }

        var usage = new UsageFigures();
        var deltas = new List<ChatDelta> { new StartDelta(answer.FindText("id"), answer.FindText("model")) };
        var blocks = new BlockReading(provider, deltas);
        foreach (var block in content.EnumerateArray())
        {
            blocks.TakeWhole(block);
        }

        if (answer.Find("usage") is { } told)
        {
            usage.Take(told);
            deltas.Add(new UsageDelta(usage.ToUsage()));
        }

        deltas.Add(blocks.ToFinish(answer));
        return deltas;
    }

    /// <inheritdoc/>
    public void ReadAnswer(ReadOnlyMemory<byte> body, Received received)
    {
        foreach (var delta in ReadAnswer(body, ""))
        {
            received.Take(delta);
        }

        received.IsEnded = true;
    }

    private static ErrorDelta NotJson(string message) =>
        new(UpstreamError.Of(UpstreamErrorKind.NotJson, message));

    /// <summary>An error under status 200: its type stands for the status that it would have had.</summary>
    internal static UpstreamError InBandError(ReadOnlyMemory<byte> body, JsonElement document)
    {
        var status = document.Find("error")?.FindText("type") switch
        {
            "invalid_request_error" => 400,
            "authentication_error" => 401,
            "billing_error" => 402,
            "permission_error" => 403,
            "not_found_error" => 404,
            "request_too_large" => 413,
            "rate_limit_error" => 429,
            "timeout_error" => 504,
            "overloaded_error" => 529,
            _ => 500,
        };
        return UpstreamError.Read(status, _ => null, body, default);
    }
}
