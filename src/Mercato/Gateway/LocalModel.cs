using System.Text.Json;
using Mercato.Catalog;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Ledger;
using Mercato.Providers;
using Mercato.Recommend;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Gateway;

/// <summary>
/// `mercato/assistant`: a catalog assistant, not a language model. It is free, needs no provider, and speaks the chat
/// format, streamed or whole.
/// </summary>
internal sealed class LocalModel(Snapshot<CatalogSnapshot> catalog, Reaches reaches, TimeProvider time)
{
    public const string Id = "mercato/assistant";

    public static bool Is(string? model) => model == Id;

    public async Task AnswerAsync(GatewayCall call)
    {
        var now = time.GetUtcNow();
        var question = LastQuestion(call.Facts);
        var text = Assistant.Answer(question, catalog.Current, reaches.Of(call.Caller.AccountId), now);
        var id = Guid.CreateVersion7();
        var head = new AnswerHead(Op.GenerationId(id), Id, now.ToUnixTimeSeconds());
        // It counts words and costs nothing, so the figures are only there because clients expect them.
        var usage = new Usage { InputUncached = Words(question), OutputText = Words(text) };
        var cost = new AnswerCost("0", false, null, JsonSerializer.SerializeToUtf8Bytes(new
        {
            cost_usd = "0",
            generation_id = head.Id,
            price_version = "local",
            line_items = Array.Empty<LineItem>(),
            reason = "local catalog assistant",
        }, Json.Options));

        call.Sink.SetHeader("x-generation-id", head.Id);
        call.Sink.SetHeader("x-mercato-model", Id);
        call.Sink.SetHeader("x-mercato-provider", "mercato");
        call.Sink.SetHeader("x-mercato-reason", "local catalog assistant");
        if (!call.Facts.IsStream)
        {
            call.Sink.Start(StatusCodes.Status200OK, "application/json");
            await call.Sink.WriteAsync(OpenAiChatDialect.WriteCompletion(head, text, "stop", usage, cost));
            await call.Sink.FlushAsync();
            return;
        }

        call.Sink.Start(StatusCodes.Status200OK, "text/event-stream; charset=utf-8");
        await call.Sink.WriteAsync(OpenAiChatDialect.WriteRoleFrame(head));
        foreach (var line in text.Split('\n'))
        {
            await call.Sink.WriteAsync(OpenAiChatDialect.WriteTextFrame(head, line + "\n"));
            await call.Sink.FlushAsync();
        }

        await call.Sink.WriteAsync(OpenAiChatDialect.WriteFinishFrame(head, "stop"));
        if (call.ShowsUsage)
        {
            await call.Sink.WriteAsync(OpenAiChatDialect.WriteUsageFrame(head, usage, cost));
        }

        await call.Sink.WriteAsync(OpenAiChatDialect.DoneFrame);
        await call.Sink.FlushAsync();
    }

    /// <summary>The text of the last user message.</summary>
    private static string LastQuestion(RequestFacts facts)
    {
        using var messages = JsonDocument.Parse(facts.Members.FindValue("messages")!.Value);
        var last = messages.RootElement.EnumerateArray()
            .LastOrDefault(message => message.TryGetProperty("role", out var role) && role.ValueEquals("user"));
        if (last.ValueKind != JsonValueKind.Object || !last.TryGetProperty("content", out var content))
        {
            return "";
        }

        return content.ValueKind switch
        {
            JsonValueKind.String => content.ReadText(),
            JsonValueKind.Array => string.Join('\n', content.EnumerateArray()
                .Where(part => part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text)
                    && text.ValueKind == JsonValueKind.String)
                .Select(part => part.GetProperty("text").ReadText())),
            _ => "",
        };
    }

    private static long Words(string text) => text.Count(char.IsWhiteSpace) + 1;
}
