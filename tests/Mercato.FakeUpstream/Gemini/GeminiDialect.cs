using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>Google's generateContent: the model and the wish for a stream stand in the address.</summary>
internal sealed class GeminiDialect : Dialect
{
    public override string Name => "gemini";

    public override UsageNames UsageNames { get; } = new(
        ["promptTokenCount"],
        ["candidatesTokenCount"],
        ["thoughtsTokenCount", "totalTokenCount"],
        "cachedContentTokenCount");

    public override bool TellsDelayInBody => true;

    public override bool Serves(HttpRequest request) =>
        request.Method == "POST" && GeminiAddress.Of(request) is { Method: "generateContent" or "streamGenerateContent" };

    public override (string? Model, bool Streamed) Glance(HttpRequest request, JsonElement? body) =>
        GeminiAddress.Of(request) is { } address ? (address.Model, address.Streamed) : default;

    public override Complaint? FindWrongKey(HttpRequest request, string key) => GeminiAddress.FindWrongKey(request, key);

    public override Complaint? FindComplaint(HttpRequest request, JsonElement root, Seals seals) =>
        GeminiCheck.FindComplaint(root)
        ?? GeminiContents.FindComplaint(root)
        ?? GeminiThoughts.FindForged(root, seals, this);

    public override Complaint? FindForgottenThought(JsonElement root) => GeminiThoughts.FindForgotten(root);

    public override bool HasMember(JsonElement root, string member) =>
        root.Find(member) is not null || root.FindEither("generationConfig")?.Find(member) is not null;

    public override Asked Read(HttpRequest request, JsonElement root)
    {
        var address = GeminiAddress.Of(request)!;
        var config = root.FindEither("generationConfig");
        var contents = root.GetProperty("contents").EnumerateArray().ToList();
        var results = GeminiContents.PartsOf(contents[^1]).Select(part => part.FindEither("functionResponse"))
            .OfType<JsonElement>().ToList();
        var calling = root.FindEither("toolConfig")?.FindEither("functionCallingConfig");
        return new Asked
        {
            Model = address.Model,
            Framing = !address.Streamed ? null : request.Query["alt"] == "sse" ? Framing.CrLfEvents : Framing.List,
            Choices = config?.FindEither("candidateCount")?.GetInt32() ?? 1,
            OutputLimit = config?.FindEither("maxOutputTokens")?.GetInt32(),
            MayCall = calling?.Find("mode")?.GetString() is not "NONE",
            Tools =
            [
                .. GeminiCheck.FunctionsOf(root).Select(function => (
                    function.GetProperty("name").GetString()!,
                    function.FindEither("parametersJsonSchema") ?? function.Find("parameters"))),
            ],
            ToolResult = results.Count > 0 ? TextOf(results[^1].GetProperty("response")) : null,
            LastUserText = string.Concat(GeminiContents.PartsOf(contents.LastOrDefault(content =>
                content.Find("role")?.GetString() is not "model")).Select(part => part.Find("text")?.GetString())),
            AnswerSchema = config?.FindEither("responseJsonSchema") ?? config?.FindEither("responseSchema"),
            ShowsThoughts = config?.FindEither("thinkingConfig")?.FindEither("includeThoughts") is { ValueKind: Kind.True },
        };
    }

    public override Telling Write(Turn turn, Story story) => new GeminiFormat(turn, story).Write();

    public override JsonObject ToJson(Complaint complaint, Turn? turn) => ErrorOf(complaint, turn);

    public static JsonObject ErrorOf(Complaint complaint, Turn? turn)
    {
        var error = new JsonObject
        {
            ["code"] = complaint.Status,
            ["message"] = complaint.Message,
            ["status"] = StatusWord(complaint.Status),
        };
        if (complaint.Code == "API_KEY_INVALID")
        {
            error["details"] = new JsonArray(new JsonObject
            {
                ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo",
                ["reason"] = complaint.Code,
                ["domain"] = "googleapis.com",
            });
        }

        if (turn is not null && turn.Has("retry-after")
            && int.TryParse(turn.Script.Terms["retry-after"], CultureInfo.InvariantCulture, out var seconds))
        {
            error["details"] = new JsonArray(new JsonObject
            {
                ["@type"] = "type.googleapis.com/google.rpc.RetryInfo",
                ["retryDelay"] = $"{seconds}s",
            });
        }

        return new JsonObject { ["error"] = error };
    }

    public override Saying Stray(Turn turn) => new(new JsonObject { ["candidates"] = new JsonArray() });

    private static string TextOf(JsonElement response) =>
        (response.Find("output") ?? response.Find("result") ?? response.Find("content")) is { ValueKind: Kind.String } text
            ? text.GetString()!
            : response.GetRawText();

    private static string StatusWord(int status) => status switch
    {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        501 => "UNIMPLEMENTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        >= 500 => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    };
}

/// <summary>An address of the form <c>/v1beta/models/{model}:{method}</c>, the model percent-encoded.</summary>
internal sealed record GeminiAddress(string Model, string Method)
{
    private const string Start = "/v1beta/models/";

    public bool Streamed => Method == "streamGenerateContent";

    public static GeminiAddress? Of(HttpRequest request)
    {
        // The server leaves %2F in its decoded path, so only the target as sent can be decoded whole.
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        return target.StartsWith(Start, StringComparison.Ordinal) && target.LastIndexOf(':') is var colon && colon > Start.Length
            ? new GeminiAddress(Uri.UnescapeDataString(target[Start.Length..colon]), target[(colon + 1)..])
            : null;
    }

    public static Complaint? FindWrongKey(HttpRequest request, string key)
    {
        var given = request.Headers["x-goog-api-key"].FirstOrDefault() ?? request.Query["key"].FirstOrDefault();
        return given == key
            ? null
            : given is null
                ? new Complaint(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers.")
                : new Complaint(400, "API_KEY_INVALID", "API key not valid. Please pass a valid API key.");
    }
}
