using System.Buffers;
using System.Text.Json;
using Mercato.Catalog;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Ledger;
using Mercato.Providers;
using Mercato.Recommend;
using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>
/// `mercato/assistant`: a catalog assistant, not a language model. It is free, needs no provider, and answers in every
/// client dialect, streamed or whole.
/// </summary>
internal sealed class LocalModel(
    Snapshot<CatalogSnapshot> catalog, Reaches reaches, KeptResponses kept, TimeProvider time)
{
    public const string Id = "mercato/assistant";

    public const string Reason = "local catalog assistant";

    public static bool Is(string? model) => model == Id;

    public async Task AnswerAsync(GatewayCall call)
    {
        var reading = call.ReadChat();
        if (reading.Chat is not { } chat)
        {
            var refusal = new Refusal(400, reading.Refusal!.Code, reading.Refusal.Message) { Param = reading.Refusal.Param };
            call.Sink.Start(refusal.Status, "application/json");
            await call.Sink.WriteAsync(call.Dialect.WriteError(CallerErrors.Of(refusal), call.IsOpenRouterFace));
            await call.Sink.FlushAsync();
            return;
        }

        var now = time.GetUtcNow();
        var question = LastQuestion(chat);
        var text = Assistant.Answer(question, catalog.Current, reaches.Of(call.Caller.AccountId), now);
        var head = new AnswerHead(Op.GenerationId(Guid.CreateVersion7()), Id, now.ToUnixTimeSeconds())
        {
            Request = chat,
            Members = call.Members,
        };
        // It counts words and costs nothing, so the figures are only there because clients expect them.
        var usage = new Usage { InputUncached = Words(question), OutputText = Words(text) };
        call.Sink.SetHeader("x-generation-id", head.Id);
        call.Sink.SetHeader("x-mercato-model", Id);
        call.Sink.SetHeader("x-mercato-provider", "mercato");
        call.Sink.SetHeader("x-mercato-reason", Reason);
        await (call.Facts.IsStream
            ? StreamAsync(call, head, text, usage)
            : WriteAsync(call, head, text, usage));
        await call.Sink.FlushAsync();
    }

    private async Task WriteAsync(GatewayCall call, AnswerHead head, string text, Usage usage)
    {
        var answer = ChatAnswer.Of([new TextDelta(text), new FinishDelta(FinishReason.Stop, "stop")]);
        var body = call.Dialect.WriteAnswer(head, answer, usage, Free(head));
        await kept.KeepAsync(call, body);
        call.Sink.Start(StatusCodes.Status200OK, "application/json");
        await call.Sink.WriteAsync(body);
    }

    private async Task StreamAsync(GatewayCall call, AnswerHead head, string text, Usage usage)
    {
        call.Sink.Start(StatusCodes.Status200OK, "text/event-stream; charset=utf-8");
        var writer = call.Dialect.WriteStream(head);
        var output = new ArrayBufferWriter<byte>();
        writer.Write(new StartDelta(head.Id, Id), output);
        foreach (var line in text.Split('\n'))
        {
            writer.Write(new TextDelta(line + "\n"), output);
            await call.Sink.WriteAsync(output.WrittenMemory);
            await call.Sink.FlushAsync();
            output.ResetWrittenCount();
        }

        writer.Finish(new AnswerEnding(
            new FinishDelta(FinishReason.Stop, "stop"), usage, Free(head), call.ShowsUsage), output);
        await kept.KeepAsync(call, output.WrittenMemory);
        await call.Sink.WriteAsync(output.WrittenMemory);
    }

    private static AnswerCost Free(AnswerHead head) =>
        new("0", false, null, JsonSerializer.SerializeToUtf8Bytes(new
        {
            cost_usd = "0",
            generation_id = head.Id,
            price_version = "local",
            line_items = Array.Empty<LineItem>(),
            reason = Reason,
        }, Json.Options));

    /// <summary>The text of the last message in which the user says something.</summary>
    private static string LastQuestion(ChatRequest chat)
    {
        var last = chat.Messages.LastOrDefault(message => message.Role == ChatRole.User);
        return last is null ? "" : string.Join('\n', last.Parts.OfType<TextPart>().Select(part => part.Text));
    }

    private static long Words(string text) => text.Count(char.IsWhiteSpace) + 1;
}
