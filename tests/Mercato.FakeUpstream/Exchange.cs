using System.Text.Json;

namespace Mercato.Fake;

/// <summary>One call in any dialect: read, journal, check, tell, spoil, deliver.</summary>
internal static class Exchange
{
    private static readonly HashSet<string> Secrets =
        ["authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie"];

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 256 };

    public static async Task AnswerAsync(HttpContext context, FakeUpstream upstream, Dialect dialect)
    {
        var options = upstream.Options;
        var raw = await ReadBodyAsync(context.Request);
        var body = TryParse(raw);
        var call = upstream.Journal.Begin(number => Describe(context, dialect, options, number, raw, body));
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, upstream.Stopping);
        var delivery = new Delivery(context, call, options.Time, gone.Token);

        var complaint = options.ApiKey is { } key ? dialect.FindWrongKey(context.Request, key) : null;
        Asked? request = null;
        if (complaint is null)
        {
            (request, complaint) = Read(context.Request, dialect, body, upstream.Seals);
        }

        var script = request is null ? null : upstream.FindScript(request.Model);
        var times = script is null ? 0 : upstream.CountTimes(request!.Model);
        var turn = script is null
            ? null
            : new Turn(call.Call.Number, times, script, dialect, request!, upstream.Seals, options.Time);
        complaint ??= turn is null ? UnknownModel(request!.Model) : FindRefused(turn, body!.Value);
        if (complaint is not null)
        {
            call.Note(truth => truth with { Complaint = complaint.Message });
            var refusal = Answer.Other(dialect.ToJson(complaint, turn).ToBytes()) with { Status = complaint.Status };
            await delivery.RunAsync(refusal, Ending.Rejected);
            return;
        }

        var story = dialect.Tell(turn!);
        var telling = dialect.Write(turn!, story);
        call.Note(truth => truth with { Usage = story.Usage, Reported = telling.Reported });
        await delivery.RunAsync(Language.Apply(telling.Answer, turn!), Ending.Answered);
    }

    private static (Asked?, Complaint?) Read(HttpRequest request, Dialect dialect, JsonElement? body, Seals seals)
    {
        if (body is null)
        {
            return (null, Complaint.WrongValue(null, "We could not parse the JSON body of your request."));
        }

        try
        {
            var complaint = dialect.FindComplaint(request, body.Value, seals);
            return complaint is null ? (dialect.Read(request, body.Value), null) : (null, complaint);
        }
        catch (Exception problem) when (problem is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // A wrong type deep inside, which no check names: the providers' decoders refuse that as well.
            return (null, Complaint.WrongValue(null, $"A member has the wrong type. {problem.Message}"));
        }
    }

    // The providers say 404 here. A misspelt script should surface at the caller, and gateways route around a 404.
    private static Complaint UnknownModel(string model) =>
        new(400, "model_not_found", $"No such model: '{model}' has no known mode, or an unreadable term.", "model");

    private static Complaint? FindRefused(Turn turn, JsonElement body) =>
        turn.Has("refuses") && turn.Script.Terms["refuses"] is var member && turn.Dialect.HasMember(body, member)
            ? new Complaint(400, "unsupported_parameter", $"Unsupported parameter with this model: '{member}'.", member)
            : turn.Has("strict-thoughts") ? turn.Dialect.FindForgottenThought(body) : null;

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
        HttpContext context, Dialect dialect, FakeUpstreamOptions options, long number, byte[] raw, JsonElement? body)
    {
        var (model, streamed) = dialect.Glance(context.Request, body);
        return new Call
        {
            Number = number,
            ReceivedAt = options.Time.GetUtcNow(),
            Path = context.Request.Path,
            Dialect = dialect.Name,
            Headers = context.Request.Headers.ToDictionary(
                header => header.Key.ToLowerInvariant(),
                header => IsSecret(header.Key) ? Hide(header.Value.ToString()) : header.Value.ToString()),
            Raw = options.KeepBodies ? raw : [],
            Body = options.KeepBodies ? body : null,
            Model = model,
            Streamed = streamed,
        };
    }

    private static bool IsSecret(string header) => Secrets.Contains(header.ToLowerInvariant());

    private static string Hide(string secret) => FakeUpstream.Digest(secret.Replace("Bearer ", ""));
}
