using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

public sealed partial class AnthropicDialect
{
    /// <inheritdoc/>
    public IStreamReader ReadStream(string provider) => new AnthropicStreamReader(provider);
}

/// <summary>Reads one stream of events into the steps of an answer.</summary>
internal sealed class AnthropicStreamReader : IStreamReader
{
    private readonly List<ChatDelta> _deltas = [];
    private readonly BlockReading _blocks;
    private readonly UsageFigures _usage = new();
    private bool _hasStopped;

    public AnthropicStreamReader(string provider) => _blocks = new BlockReading(provider, _deltas);

    /// <inheritdoc/>
    public bool MayEnd => _hasStopped;

    /// <summary>The type of the last event; empty when it had none.</summary>
    internal string Type { get; private set; } = "";

    /// <inheritdoc/>
    public FrameKind Read(in EventFrame frame, List<ChatDelta> deltas)
    {
        Type = "";
        if (!frame.HasData || frame.Data.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            return FrameKind.Comment;
        }

        if (frame.Data.Span.Trim(" \t\r\n"u8).SequenceEqual("[DONE]"u8))
        {
            // No event of this dialect, but some compatible hosts end like this.
            return FrameKind.End;
        }

        if (JsonText.ParseElement(frame.Data.Span) is not { ValueKind: JsonValueKind.Object } data)
        {
            return FrameKind.Garbage;
        }

        _deltas.Clear();
        Type = data.FindText("type") ?? Encoding.UTF8.GetString(frame.Event.Span);
        var kind = Take(data, frame.Data);
        deltas.AddRange(_deltas);
        return kind;
    }

    private FrameKind Take(JsonElement data, ReadOnlyMemory<byte> raw)
    {
        if (Type == "error" || data.Find("error") is not null)
        {
            Type = "error";
            _deltas.Add(new ErrorDelta(AnthropicDialect.InBandError(raw, data)));
            return FrameKind.Error;
        }

        switch (Type)
        {
            case "message_start":
                TakeStart(data.Find("message") ?? data);
                break;
            case "content_block_start" when data.Find("content_block") is { } block:
                _blocks.Start(data.FindCount("index") ?? 0, block);
                break;
            case "content_block_delta" when data.Find("delta") is { } delta:
                _blocks.Grow(data.FindCount("index") ?? 0, delta);
                break;
            case "content_block_stop":
                _blocks.Stop(data.FindCount("index") ?? 0);
                break;
            case "message_delta":
                TakeEnd(data);
                break;
            case "message_stop":
                _blocks.StopAll();
                _hasStopped = true;
                return FrameKind.End;
        }

        return FrameKind.Piece;
    }

    private void TakeStart(JsonElement message)
    {
        _blocks.StopAll();
        _hasStopped = false;
        Usage? usage = null;
        if (message.Find("usage") is { } told)
        {
            _usage.Take(told);
            usage = _usage.ToUsage(isStart: true);
        }

        _deltas.Add(new StartDelta(message.FindText("id"), message.FindText("model"), usage));
    }

    private void TakeEnd(JsonElement data)
    {
        _blocks.StopAll();
        if (data.Find("usage") is { } told)
        {
            _usage.Take(told);
            _deltas.Add(new UsageDelta(_usage.ToUsage()));
        }

        if (data.Find("delta") is { } delta && delta.FindText("stop_reason") is not null)
        {
            _hasStopped = true;
            _deltas.Add(_blocks.ToFinish(delta));
        }
    }
}
