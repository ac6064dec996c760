using System.Buffers;
using Mercato.Wire;
using Mercato.Wire.Dialects.Embeddings;
using Mercato.Wire.Dialects.Images;

namespace Mercato.Fuzz;

/// <summary>Requests for vectors and answers with them.</summary>
internal static class EmbeddingTargets
{
    private static readonly IEmbeddingHost[] Formats =
        [.. Enum.GetValues<EmbeddingStyle>().Where(style => style != EmbeddingStyle.None).Select(WireFormats.Embeddings)];

    private static readonly EmbeddingRequest[] Asked =
    [
        new() { Inputs = [new("a"), new("b")] },
        new() { Inputs = [new("a"), new("b")], WantsBase64 = true },
    ];

    public static void Request(byte[] body)
    {
        var reading = OpenAiEmbeddings.ReadRequest(body);
        WellFormed.Expect((reading.Facts is null) != (reading.Refusal is null), "Neither facts nor a refusal, or both.");
        if (reading.Facts is not { } facts)
        {
            return;
        }

        foreach (var format in Formats.Where(format => format.TakesTokens || !reading.Request!.HasTokens))
        {
            foreach (var quirks in new HostQuirks[] { new(), new(DimensionsName: "size", AcceptsEncodingFormat: false) })
            {
                var edits = new RequestEdits("its-model", quirks, null, true, Hosts.Id);
                WellFormed.Json(format.Write(facts, reading.Request!, edits).Body, "The request for vectors");
            }
        }
    }

    public static void Answer(byte[] bytes)
    {
        var body = WellFormed.ToUtf8(bytes);
        foreach (var format in Formats)
        {
            var answer = format.Read(body);
            new Received().Take(answer);
            foreach (var asked in Asked.Where(_ => answer.Error is null))
            {
                var (written, error) = OpenAiEmbeddings.WriteAnswer(asked, answer, "acme/vec");
                WellFormed.Expect((written is null) != (error is null), "Neither an answer nor an error, or both.");
                if (written is not null)
                {
                    WellFormed.Json(written, "The answer of vectors");
                }
            }
        }
    }
}

/// <summary>Requests for pictures and answers with them.</summary>
internal static class ImageTargets
{
    public static void Request(byte[] body)
    {
        var reading = OpenAiImages.ReadRequest(body);
        WellFormed.Expect((reading.Facts is null) != (reading.Refusal is null), "Neither facts nor a refusal, or both.");
        if (reading.Facts is { } facts)
        {
            var edits = new RequestEdits("its-model", new HostQuirks(RefusedMembers: ["size"]), null, true, Hosts.Id);
            WellFormed.Json(OpenAiImages.Write(facts, edits).Body, "The request for pictures");
        }
    }

    public static void Answer(byte[] bytes)
    {
        var answer = OpenAiImages.Read(WellFormed.ToUtf8(bytes));
        WellFormed.Expect((answer.Count > 0) != (answer.Error is not null), "Neither pictures nor an error, or both.");
        new Received().Take(answer);
    }
}

/// <summary>A host's error: read, and told to callers of all dialects.</summary>
internal static class ErrorTarget
{
    public static void Run(byte[] body)
    {
        foreach (var status in new[] { 400, 429, 500 })
        {
            Tell(UpstreamError.Read(status, _ => null, body, DateTimeOffset.UnixEpoch));
        }

        Tell(UpstreamError.ReadInBand(body));
    }

    private static void Tell(UpstreamError error)
    {
        WellFormed.Expect(error.RetryAfter is null || error.RetryAfter <= UpstreamError.MaxRetryAfter, "The wait has no bound.");
        var answer = new ErrorAnswer(400, error.Message, "api_error", error.Code, error.Param);
        foreach (var caller in Callers.All)
        {
            WellFormed.Json(caller.WriteError(answer, hasIntegerCode: true), "The error");
            WellFormed.Events(caller.WriteErrorFrame(answer, hasIntegerCode: false), caller.Dialect);
            var output = new ArrayBufferWriter<byte>();
            caller.WriteStream(Callers.Head).Fail(answer, false, new AnswerEnding(null, Callers.Counted, null, true), output);
            WellFormed.Events(output.WrittenMemory, caller.Dialect);
        }
    }
}
