using System.Text;
using System.Text.Json;

namespace Mercato.Tests.Gateway;

/// <summary>What a caller speaks: where it asks, how it asks, and what it takes for the end of an answer.</summary>
public sealed record CallerFace(string Name, string Path)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private static readonly object Schema = new
    {
        type = "object",
        properties = new { city = new { type = "string" }, days = new { type = "integer" } },
        required = new[] { "city", "days" },
    };

    public static readonly CallerFace Chat = new("chat", "/v1/chat/completions");
    public static readonly CallerFace Responses = new("responses", "/v1/responses");
    public static readonly CallerFace Messages = new("messages", "/v1/messages");

    public static readonly IReadOnlyList<CallerFace> All = [Chat, Responses, Messages];

    /// <summary>A short question; with a tool where the model is to call one.</summary>
    public string Ask(string model, bool stream, int limit = 50)
    {
        var body = new Dictionary<string, object?> { ["model"] = model, ["stream"] = stream };
        if (this == Responses)
        {
            body["input"] = "Say something.";
            body["max_output_tokens"] = limit;
        }
        else
        {
            body["messages"] = new[] { new { role = "user", content = "Say something." } };
            body["max_tokens"] = limit;
        }

        if (model.Contains("fake-tools", StringComparison.Ordinal))
        {
            body["tools"] = new[] { Tool };
        }

        return JsonSerializer.Serialize(body);
    }

    public async Task<Reply> SendAsync(
        HttpClient client, string model, bool stream, CancellationToken cancellationToken)
    {
        using var content = new StringContent(Ask(model, stream), Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(Path, content, cancellationToken);
        // A strict client stops at the first byte that is not UTF-8.
        var text = Strict.GetString(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        return new Reply((int)answer.StatusCode, answer.Headers, answer.Content.Headers.ContentType?.MediaType, text);
    }

    /// <summary>What is wrong with an answer that should be one of this dialect, whatever it says; null when nothing is.</summary>
    public string? FindFlaw(Reply reply)
    {
        try
        {
            return reply.Status != 200 ? FindErrorFlaw(reply.Status, reply.Body)
                : reply.IsStream ? StreamEnds.FindFlaw(this, reply.Text)
                : FindWholeFlaw(reply.Body);
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return problem.Message;
        }
    }

    private object Tool => Name switch
    {
        "chat" => new { type = "function", function = new { name = "forecast", parameters = Schema } },
        "responses" => new { type = "function", name = "forecast", parameters = Schema, strict = false },
        _ => new { name = "forecast", input_schema = Schema },
    };

    private string? FindErrorFlaw(int status, JsonElement body)
    {
        if (status is < 400 or 500)
        {
            return $"status {status}";
        }

        var error = body.GetProperty("error");
        return this == Messages && body.Text("type") != "error" ? "no type 'error'"
            : error.Text("message").Length == 0 || error.Text("type").Length == 0 ? "no message or type"
            : this != Messages && error.Text("code").Length == 0 ? "no code"
            : null;
    }

    private string? FindWholeFlaw(JsonElement body) => Name switch
    {
        "chat" => body.GetProperty("choices").EnumerateArray()
            .All(choice => choice.Text("finish_reason").Length > 0 && choice.TryGetProperty("message", out _))
                ? null : "a choice without an end",
        "responses" => body.Text("status") is "completed" or "incomplete" or "failed" ? null : "no status",
        _ => body.Text("type") == "message" && body.Text("stop_reason").Length > 0 ? null : "no stop_reason",
    };
}
