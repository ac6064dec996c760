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

    public JsonObject ToJson() => new()
    {
        ["error"] = new JsonObject { ["message"] = Message, ["type"] = Type, ["param"] = Param, ["code"] = Code },
    };
}
