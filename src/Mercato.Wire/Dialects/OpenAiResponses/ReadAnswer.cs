using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

public sealed partial class OpenAiResponsesDialect
{
    /// <inheritdoc/>
    public IReadOnlyList<ChatDelta> ReadAnswer(ReadOnlyMemory<byte> body, string provider)
    {
        var deltas = new List<ChatDelta>();
        using var document = JsonText.Parse(body);
        if (document is not { RootElement: { ValueKind: JsonValueKind.Object } response })
        {
            return Fail(deltas, body.IsEmpty
                ? "The host answered 200 with an empty body."
                : "The host answered 200 with a body that is not JSON.");
        }

        deltas.Add(new StartDelta(response.FindText("id"), response.FindText("model")));
        if (response.Find("error") is { } error)
        {
            AddUsage(deltas, response, 0);
            deltas.Add(new ErrorDelta(ReadError(error)));
            return deltas;
        }

        if (response.Find("output") is not { ValueKind: JsonValueKind.Array })
        {
            return Fail(deltas, "The host answered 200 without output.");
        }

        var status = response.FindText("status") ?? "completed";
        if (status is "queued" or "in_progress")
        {
            return Fail(deltas, "The host answered before it was done.");
        }

        var items = new AnswerItems(provider, deltas);
        items.EndAll(response);
        Conclude(response, status, items);
        return deltas;
    }

    /// <inheritdoc/>
    public void ReadAnswer(ReadOnlyMemory<byte> body, Received received)
    {
        ArgumentNullException.ThrowIfNull(received);
        foreach (var delta in ReadAnswer(body, ""))
        {
            received.Take(delta);
        }

        received.IsEnded = true;
    }

    /// <summary>Adds what stands at an answer's end; false when it failed.</summary>
    internal static bool Conclude(JsonElement response, string status, AnswerItems items)
    {
        AddUsage(items.Deltas, response, items.Searches);
        var reason = response.Find("incomplete_details")?.FindText("reason");
        switch (status)
        {
            case "failed" or "cancelled":
                items.Deltas.Add(new ErrorDelta(
                    response.Find("error") is { } error ? ReadError(error)
                    : UpstreamError.Of(UpstreamErrorKind.ServerError, $"The host's answer is '{status}'.")));
                return false;
            case "incomplete":
                items.Deltas.Add(new FinishDelta(
                    reason == "content_filter" ? FinishReason.Refused : FinishReason.Length, reason ?? status));
                return true;
            default:
                items.Deltas.Add(new FinishDelta(items.HasCalls ? FinishReason.ToolCalls : FinishReason.Stop, status));
                return true;
        }
    }

    internal static UpstreamError ReadError(JsonElement error) =>
        UpstreamError.ReadInBand(JsonMarshal.GetRawUtf8Value(error).ToArray());

    private static void AddUsage(List<ChatDelta> deltas, JsonElement response, int searches)
    {
        if (response.Find("usage") is { } usage)
        {
            var read = ReadUsage(usage);
            deltas.Add(new UsageDelta(searches > 0 ? read with { ServerTools = read.ServerTools ?? searches } : read));
        }
    }

    private static List<ChatDelta> Fail(List<ChatDelta> deltas, string message)
    {
        deltas.Add(new ErrorDelta(UpstreamError.Of(UpstreamErrorKind.NotJson, message)));
        return deltas;
    }
}
