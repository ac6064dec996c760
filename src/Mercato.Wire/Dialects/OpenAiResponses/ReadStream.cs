using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

public sealed partial class OpenAiResponsesDialect
{
    /// <inheritdoc/>
    public IStreamReader ReadStream(string provider) => new ResponsesReader(provider);
}

/// <summary>Reads a stream's events into steps of the answer.</summary>
internal sealed class ResponsesReader(string provider) : IStreamReader
{
    private readonly AnswerItems _items = new(provider, []);
    private bool _isStarted;

    /// <inheritdoc/>
    public bool MayEnd { get; private set; }

    /// <summary>The last number that an event had; null when the host doesn't number them.</summary>
    public long? Sequence { get; private set; }

    /// <summary>Whether the event just read only says that the answer begins.</summary>
    public bool IsOpening { get; private set; }

    /// <inheritdoc/>
    public FrameKind Read(in EventFrame frame, List<ChatDelta> deltas)
    {
        IsOpening = false;
        if (!frame.HasData)
        {
            return FrameKind.Comment;
        }

        if (frame.Data.Span.Trim(" \t\r\n"u8).SequenceEqual("[DONE]"u8))
        {
            // Some hosts end as they do in the older dialect; here it says nothing.
            return MayEnd ? FrameKind.End : FrameKind.Comment;
        }

        using var document = JsonText.Parse(frame.Data);
        if (document is not { RootElement: { ValueKind: JsonValueKind.Object } data })
        {
            return FrameKind.Garbage;
        }

        Sequence = data.FindCount("sequence_number") ?? Sequence;
        _items.Deltas = deltas;
        return Read(data.FindText("type") ?? Encoding.UTF8.GetString(frame.Event.Span), data);
    }

    private FrameKind Read(string type, JsonElement data)
    {
        var place = data.FindCount("output_index") ?? 0;
        switch (type)
        {
            case "response.created" or "response.in_progress" or "response.queued":
                IsOpening = true;
                Start(data.Find("response"));
                break;
            case "response.output_item.added" when data.Find("item") is { } item:
                _items.Begin(place, item);
                break;
            case "response.output_item.done" when data.Find("item") is { } item:
                _items.End(place, item);
                break;
            case "response.completed" or "response.incomplete" or "response.failed" or "response.cancelled":
                return End(data.Find("response") ?? data, type);
            case "error":
                _items.Deltas.Add(new ErrorDelta(OpenAiResponsesDialect.ReadError(data.Find("error") ?? data)));
                return FrameKind.Error;
            case "" when data.Find("error") is { } error:
                _items.Deltas.Add(new ErrorDelta(OpenAiResponsesDialect.ReadError(error)));
                return FrameKind.Error;
            default:
                ReadPiece(type, place, data);
                break;
        }

        return FrameKind.Piece;
    }

    private void ReadPiece(string type, long place, JsonElement data)
    {
        var part = data.FindCount("content_index") ?? 0;
        var piece = data.FindText("delta") ?? "";
        switch (type)
        {
            case "response.output_text.delta":
                _items.AddText(place, part, piece, isRefusal: false);
                break;
            case "response.output_text.done":
                _items.EndText(place, part, data.FindText("text") ?? "", isRefusal: false);
                break;
            case "response.refusal.delta":
                _items.AddText(place, part, piece, isRefusal: true);
                break;
            case "response.refusal.done":
                _items.EndText(place, part, data.FindText("refusal") ?? "", isRefusal: true);
                break;
            case "response.reasoning_summary_text.delta":
                _items.AddReasoning(place, Thought(data), piece);
                break;
            case "response.reasoning_summary_text.done":
                _items.EndReasoning(place, Thought(data), data.FindText("text") ?? "");
                break;
            case "response.reasoning_text.delta":
                _items.AddReasoning(place, $"c{part}", piece);
                break;
            case "response.reasoning_text.done":
                _items.EndReasoning(place, $"c{part}", data.FindText("text") ?? "");
                break;
            case "response.function_call_arguments.delta" or "response.custom_tool_call_input.delta":
                _items.AddArguments(place, piece);
                break;
            case "response.function_call_arguments.done":
                _items.EndArguments(place, data.FindText("arguments") ?? "");
                break;
            case "response.custom_tool_call_input.done":
                _items.EndArguments(place, data.FindText("input") ?? "");
                break;
            case "response.output_text.annotation.added" when data.Find("annotation") is { } annotation:
                _items.Annotate(place, annotation);
                break;
        }
    }

    private static string Thought(JsonElement data) => $"s{data.FindCount("summary_index") ?? 0}";

    private void Start(JsonElement? response)
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _items.Deltas.Add(new StartDelta(response?.FindText("id"), response?.FindText("model")));
        }
    }

    private FrameKind End(JsonElement response, string type)
    {
        Start(response);
        _items.EndAll(response);
        // Hosts of this dialect are seen that leave the status to the event.
        var status = response.FindText("status") is "completed" or "incomplete" or "failed" or "cancelled"
            ? response.FindText("status")!
            : type["response.".Length..];
        return OpenAiResponsesDialect.Conclude(response, status, _items)
            ? EndWith(FrameKind.End)
            : FrameKind.Error;
    }

    private FrameKind EndWith(FrameKind kind)
    {
        MayEnd = true;
        return kind;
    }
}
