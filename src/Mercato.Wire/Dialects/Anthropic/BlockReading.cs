using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>Reads content blocks, whole or as they grow, into the steps of an answer. One per answer.</summary>
internal sealed class BlockReading(string provider, List<ChatDelta> deltas)
{
    private readonly Dictionary<long, OpenBlock> _open = [];
    private int _texts;
    private int _calls;

    private enum BlockKind
    {
        Text,
        Thinking,
        Call,
        AnswerCall,
        Opaque
    }

    /// <summary>A whole block.</summary>
    public void TakeWhole(JsonElement block)
    {
        Start(0, block);
        Stop(0);
    }

    /// <summary>A block begins. Hosts that forget to end a block end it here.</summary>
    public void Start(long index, JsonElement block)
    {
        Stop(index);
        if (block.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        switch (block.FindText("type"))
        {
            case "text":
                _open[index] = new OpenBlock(BlockKind.Text, block, _texts++);
                Take(_open[index], block.FindText("text"));
                if (block.Find("citations") is { ValueKind: JsonValueKind.Array } citations
                    && citations.GetArrayLength() > 0)
                {
                    deltas.Add(new AnnotationDelta(Dialect.Anthropic, citations));
                }

                break;
            case "thinking":
                _open[index] = new OpenBlock(BlockKind.Thinking, block, 0);
                Take(_open[index], block.FindText("thinking"));
                break;
            case "redacted_thinking":
                if (block.FindText("data") is { Length: > 0 } data)
                {
                    deltas.Add(new SealDelta(new Seal(provider, data, IsRedacted: true)));
                }

                break;
            case "tool_use" when block.FindText("name") == AnswerTool.Name:
                _open[index] = new OpenBlock(BlockKind.AnswerCall, block, _texts++);
                break;
            case "tool_use":
                _open[index] = new OpenBlock(BlockKind.Call, block, _calls);
                deltas.Add(new ToolCallDelta(
                    _calls++, block.FindText("id") ?? "", block.FindText("name") ?? ""));
                break;
            default:
                _open[index] = new OpenBlock(BlockKind.Opaque, block, 0);
                break;
        }
    }

    /// <summary>A block grows.</summary>
    public void Grow(long index, JsonElement delta)
    {
        if (!_open.TryGetValue(index, out var block))
        {
            return;
        }

        switch (block.Kind)
        {
            case BlockKind.Text:
                Take(block, Piece(delta, "text", block));
                if (delta.Find("citation") is { } citation)
                {
                    deltas.Add(new AnnotationDelta(Dialect.Anthropic, citation));
                }

                break;
            case BlockKind.Thinking:
                Take(block, Piece(delta, "thinking", block));
                block.Pieces.Append(delta.FindText("signature"));
                break;
            default:
                Take(block, Piece(delta, "partial_json", block) ?? Piece(delta, "content", block));
                break;
        }
    }

    /// <summary>A block ends.</summary>
    public void Stop(long index)
    {
        if (!_open.Remove(index, out var block))
        {
            return;
        }

        Take(block, block.Split.Rest());
        switch (block.Kind)
        {
            case BlockKind.Thinking:
                var signature = block.Pieces.Length > 0 ? block.Pieces.ToString() : block.Start.FindText("signature");
                deltas.Add(new SealDelta(
                    string.IsNullOrEmpty(signature) ? null : new Seal(provider, signature)));
                break;
            case BlockKind.Call or BlockKind.AnswerCall when !block.HasInput:
                // Hosts of this dialect may also give the whole input at the start.
                Take(block, block.Start.Find("input")?.ToRaw() ?? "{}");
                break;
            case BlockKind.Opaque:
                deltas.Add(new OpaqueDelta(Dialect.Anthropic, block.ToOpaque()));
                break;
        }
    }

    /// <summary>The answer, or one of several answers in a row, ends: so do its blocks.</summary>
    public void StopAll()
    {
        foreach (var index in _open.Keys.Order().ToList())
        {
            Stop(index);
        }
    }

    /// <summary>Why the answer ended, from <c>stop_reason</c> and <c>stop_sequence</c>.</summary>
    public FinishDelta ToFinish(JsonElement owner)
    {
        var native = owner.FindText("stop_reason") ?? "";
        var reason = StopReasons.Read(native);
        if (reason is FinishReason.Stop or FinishReason.ToolCalls)
        {
            // A host that says one and does the other is believed by what it did.
            reason = _calls > 0 ? FinishReason.ToolCalls : FinishReason.Stop;
        }

        return new FinishDelta(reason, native, owner.FindText("stop_sequence"));
    }

    private static string? Piece(JsonElement delta, string name, OpenBlock block) =>
        delta.Find(name) is { ValueKind: JsonValueKind.String } text ? block.Split.Take(text) : null;

    private void Take(OpenBlock block, string? piece)
    {
        if (string.IsNullOrEmpty(piece))
        {
            return;
        }

        block.HasInput = true;
        switch (block.Kind)
        {
            case BlockKind.Thinking:
                deltas.Add(new ReasoningDelta(piece));
                break;
            case BlockKind.Opaque:
                block.Pieces.Append(piece);
                break;
            case BlockKind.Call:
                deltas.Add(new ArgumentsDelta(block.Number, piece));
                break;
            default:
                deltas.Add(new TextDelta(piece, block.Number));
                break;
        }
    }

    private sealed class OpenBlock(BlockKind kind, JsonElement start, int number)
    {
        public BlockKind Kind => kind;

        public JsonElement Start => start;

        public int Number => number;

        public bool HasInput { get; set; }

        public SplitText Split { get; } = new();

        public StringBuilder Pieces { get; } = new();

        /// <summary>The block with what came later put in: a call's input, or the text of a compaction.</summary>
        public JsonElement ToOpaque()
        {
            if (Pieces.Length == 0 || JsonSplice.Read(Encoding.UTF8.GetBytes(start.ToRaw())) is not { } splice)
            {
                return start;
            }

            var pieces = Pieces.ToString();
            if (start.Find("input") is null)
            {
                splice.SetText("content", pieces);
            }
            else
            {
                splice.Set("input", ToolArguments.ToObject(pieces));
            }

            return JsonText.ParseElement(splice.ToBytes()) ?? start;
        }
    }
}
