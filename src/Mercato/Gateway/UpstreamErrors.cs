using Mercato.Hosting;
using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>The one table from a host's failure to the caller's answer.</summary>
internal static class UpstreamErrors
{
    private const int DefaultWaitSeconds = 5;

    public static Refusal ToRefusal(UpstreamError error, Candidate? candidate)
    {
        var name = candidate?.Host.Provider.Name ?? "The provider";
        var (status, code) = error.Kind switch
        {
            UpstreamErrorKind.BadRequest => (error.Status is 422 ? 422 : 400, error.Code ?? "invalid_request"),
            UpstreamErrorKind.ContextOverflow => (400, "context_length_exceeded"),
            UpstreamErrorKind.Refused => (400, "content_policy_violation"),
            UpstreamErrorKind.ToolCallFailed => (400, "tool_use_failed"),
            UpstreamErrorKind.OurCredential => (502, "provider_credential_rejected"),
            UpstreamErrorKind.InsufficientProviderFunds => (502, "provider_out_of_funds"),
            UpstreamErrorKind.NotFound => (404, "model_not_found"),
            UpstreamErrorKind.TooLarge => (413, "request_too_large"),
            UpstreamErrorKind.RateLimited => (429, "provider_rate_limited"),
            UpstreamErrorKind.Overloaded => (503, "provider_overloaded"),
            UpstreamErrorKind.ServerError => (502, "provider_error"),
            UpstreamErrorKind.Timeout => (504, "provider_timeout"),
            UpstreamErrorKind.Unreachable => (502, "provider_unreachable"),
            UpstreamErrorKind.BrokenStream => (502, "provider_stream_broken"),
            UpstreamErrorKind.NotJson => (502, "provider_answer_invalid"),
            _ => (502, "provider_error"),
        };
        var whose = error.Kind == UpstreamErrorKind.OurCredential && candidate?.IsByok == true
            ? " (with your own key)"
            : "";
        return new Refusal(status, code, $"{name}{whose}: {error.Message}")
        {
            Param = error.Param,
            RetryAfterSeconds = status is 429 or 503
                ? Math.Max(1, (int)Math.Ceiling((error.RetryAfter ?? TimeSpan.FromSeconds(DefaultWaitSeconds)).TotalSeconds))
                : null,
            Metadata = new Dictionary<string, object?>
            {
                ["provider_name"] = candidate?.Host.Id,
                ["provider_status"] = error.Status,
                ["provider_code"] = error.Code,
            },
        };
    }
}
