using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>Why a request was refused, in OpenAI's terms; each dialect has its own shape for it.</summary>
internal sealed record Complaint(int Status, string Code, string Message, string? Param = null)
{
    public static readonly Wordings OpenAi = new(
        UnknownMember,
        WrongType,
        name => new Complaint(400, "missing_required_parameter", $"Missing required parameter: '{name}'.", name));

    private string Type => Status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        429 => Code,
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    public static Complaint UnknownAddress(string method, string? path) =>
        new(404, "unknown_url", $"Invalid URL ({method} {path})");

    public static Complaint UnknownMember(string name) =>
        new(400, "unknown_parameter", $"Unknown parameter: '{name}'.", name);

    public static Complaint WrongType(string name, string expected) =>
        new(400, "invalid_type", $"Invalid type for '{name}': expected {expected}.", name);

    public static Complaint WrongValue(string? name, string message) =>
        new(400, "invalid_value", message, name);

    /// <summary>The error that a script's <c>status=</c> asks for.</summary>
    public static Complaint OfStatus(int status) => new(
        status,
        status switch
        {
            401 => "invalid_api_key",
            402 or 429 => "rate_limit_exceeded",
            404 => "model_not_found",
            413 => "request_too_large",
            _ => "scripted_error",
        },
        $"The script asked for status {status}.");

    /// <summary>A conversation that is longer than the model's context, as this dialect's provider says it.</summary>
    public static Complaint ContextOverflow(Dialect dialect) => new(400, "context_length_exceeded", dialect.Name switch
    {
        "anthropic" => "prompt is too long: 200001 tokens > 200000 maximum",
        "gemini" => "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).",
        "cohere" => "too many tokens: total number of tokens in the prompt cannot exceed 128000",
        _ => "This model's maximum context length is 8192 tokens, but the messages resulted in 9000 tokens.",
    });

    public JsonObject ToJson() => new()
    {
        ["error"] = new JsonObject { ["message"] = Message, ["type"] = Type, ["param"] = Param, ["code"] = Code },
    };
}
