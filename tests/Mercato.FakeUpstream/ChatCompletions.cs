using System.Text.Json;

namespace Mercato.Fake;

/// <summary><c>POST /v1/chat/completions</c>: read, journal, check, tell, spoil, deliver.</summary>
internal static class ChatCompletions
{
    private static readonly HashSet<string> Secrets = 
        ["authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie"];

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 256 };

    public static async Task AnswerAsync(HttpContext context, FakeUpstream upstream)
    {
        var raw = await ReadBodyAsync(context.Request);
        var body = TryParse(raw);
        var call = upstream.Journal.Begin(number => Describe(context, upstream.Options, number, raw, body));
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, upstream.Stopping);
        var delivery = new Delivery(context, call, upstream.Options.Time, gone.Token);

        var complaint = FindWrongKey(context, upstream.Options)
            ?? (body is null
                ? Complaint.WrongValue(null, "We could not parse the JSON body of your request.")
                : RequestCheck.FindComplaint(body.Value));
        var request = complaint is null ? new ChatRequest(body!.Value) : null;
        var script = request is null ? null : upstream.FindScript(request.Model);
        var turn = script is null
            ? null
            : new Turn(call.Call.Number, upstream.CountTimes(request!.Model), script, request, upstream.Options.Time);
        complaint ??= turn is null ? UnknownModel(request!.Model) : FindRefused(turn, body!.Value);
        if (complaint is not null)
        {
            call.Note(truth => truth with { Complaint = complaint.Message });
            var refusal = Answer.Other(complaint.ToJson().ToBytes()) with { Status = complaint.Status };
            await delivery.RunAsync(refusal, Ending.Rejected);
            return;
        }

        var story = Story.Tell(turn!);
        var format = new ChatFormat(turn!, story);
        call.Note(truth => truth with { Usage = story.Usage, Reported = format.Reported });
        await delivery.RunAsync(Language.Apply(format.Write(), turn!), Ending.Answered);
    }

    // OpenAI says 404 here. A misspelt script should surface at the caller, and gateways route around a 404.
    private static Complaint UnknownModel(string model) =>
        new(400, "model_not_found", $"No such model: '{model}' has no known mode, or an unreadable term.", "model");

    private static Complaint? FindRefused(Turn turn, JsonElement body) =>
        turn.Has("refuses") && turn.Script.Terms["refuses"] is var member && body.Find(member) is not null
            ? new Complaint(400, "unsupported_parameter", $"Unsupported parameter with this model: '{member}'.", member)
            : null;

    private static Complaint? FindWrongKey(HttpContext context, FakeUpstreamOptions options) =>
        options.ApiKey is null || context.Request.Headers.Authorization == $"Bearer {options.ApiKey}"
            ? null
            : new Complaint(401, "invalid_api_key", "Incorrect API key provided.");

    private static async Task<byte[]> ReadBodyAsync(HttpRequest request)
    {
        using var body = new MemoryStream((int)(request.ContentLength ?? 0));
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return body.ToArray();
    }

    private static JsonElement? TryParse(byte[] raw)
    {
        try
        {
            using var document = JsonDocument.Parse(raw, Strict);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Call Describe(
        HttpContext context, FakeUpstreamOptions options, long number, byte[] raw, JsonElement? body) => new()
        {
            Number = number,
            ReceivedAt = options.Time.GetUtcNow(),
            Path = context.Request.Path,
            Headers = context.Request.Headers.ToDictionary(
                header => header.Key.ToLowerInvariant(),
                header => IsSecret(header.Key) ? Hide(header.Value.ToString()) : header.Value.ToString()),
            Raw = options.KeepBodies ? raw : [],
            Body = options.KeepBodies ? body : null,
            Model = body?.Find("model") is { ValueKind: JsonValueKind.String } model ? model.GetString() : null,
            Streamed = body?.Find("stream") is { ValueKind: JsonValueKind.True },
        };

    private static bool IsSecret(string header) => Secrets.Contains(header.ToLowerInvariant());

    private static string Hide(string secret) => FakeUpstream.Digest(secret.Replace("Bearer ", ""));
}
