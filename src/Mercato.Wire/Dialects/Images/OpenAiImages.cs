using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Images;

/// <summary>
/// OpenAI's image generation, as callers speak it to us and as hosts speak it: the bytes pass both ways. Pure functions.
/// </summary>
public static class OpenAiImages
{
    /// <summary>The operation's path behind a host's base address.</summary>
    public const string Path = "images/generations";

    /// <summary>As many pictures as OpenAI makes in one call.</summary>
    private const int MaxImages = 10;

    /// <summary>Reads a caller's body; what is wrong is a refusal that names the member. Members that this doesn't name
    /// are the host's to judge.</summary>
    public static ImageReading ReadRequest(ReadOnlyMemory<byte> utf8)
    {
        var (body, refusal) = PlainBody.Open(utf8);
        if (body is null)
        {
            return new(null, null, refusal);
        }

        var prompt = body.Require("prompt");
        if (prompt is { ValueKind: not JsonValueKind.String })
        {
            body.Refuse("'prompt' must be a string.", "prompt", "invalid_type");
        }

        var count = body.Count("n", MaxImages) ?? 1;
        CheckStream(body);
        var size = prompt is { ValueKind: JsonValueKind.String } text ? Encoding.UTF8.GetByteCount(text.ReadText()) : 0;
        var facts = body.ToFacts(new InputSize(size, 1, 0, 0, 0, 0, 0, 0), "images");
        return facts is null
            ? new(null, null, body.Refusal)
            : new(facts with { Choices = (int)count }, new ImageRequest((int)count), null);
    }

    /// <summary>The caller's own bytes with the host's name for the model.</summary>
    public static UpstreamRequest Write(RequestFacts facts, RequestEdits edits)
    {
        var dropped = new List<string>();
        var splice = PlainEdits.Begin(facts, edits, dropped);
        return new(splice.IsEmpty ? facts.Members.Document : splice.ToBytes(), dropped);
    }

    /// <summary>Reads a whole 200 body; what can't be an answer has an error.</summary>
    public static ImageAnswer Read(ReadOnlyMemory<byte> body)
    {
        var (root, error) = PlainAnswer.Open(body);
        if (error is not null)
        {
            return new ImageAnswer(0, null, error);
        }

        var count = root.List("data").Count(item => item.FindText("b64_json") is not null || item.FindText("url") is not null);
        return count > 0
            ? new ImageAnswer(count, root.Find("usage") is { } usage ? UsageOf(usage) : null)
            : new ImageAnswer(0, null, UpstreamError.Of(UpstreamErrorKind.NotJson, "The host answered 200 without a picture."));
    }

    private static void CheckStream(PlainBody body)
    {
        var stream = body.Find("stream");
        if (stream is { ValueKind: JsonValueKind.True })
        {
            body.Refuse("Pictures are not streamed here: leave `stream` out.", "stream", "unsupported_value");
        }
        else if (stream is { ValueKind: not JsonValueKind.False })
        {
            body.Refuse("'stream' must be true or false.", "stream", "invalid_type");
        }
    }

    /// <summary>Output is tokens of pictures, but for what the details call text.</summary>
    private static Usage? UsageOf(JsonElement usage)
    {
        var counts = new UsageCounts(usage);
        var (input, output) = (counts.Count("input_tokens"), counts.Count("output_tokens"));
        var cached = counts.Count(usage.Find("input_tokens_details"), "cached_tokens");
        var text = counts.Count(usage.Find("output_tokens_details"), "text_tokens");
        return input is null && output is null && counts.Suspicion is null ? null : new Usage
        {
            InputUncached = counts.Rest("input_tokens", input, cached),
            CacheRead = cached,
            OutputText = text,
            Images = counts.Rest("output_tokens", output, text),
            Suspicion = counts.Suspicion,
        };
    }
}
