using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;

namespace Mercato.Hosting;

/// <summary>
/// The one place where exceptions become answers: a request that cannot be read is the caller's 400 or 413, anything
/// else is our 500 with an id to look up in the log.
/// </summary>
internal sealed partial class RequestErrors(ILogger<RequestErrors> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(
        HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        var refusal = exception switch
        {
            BadHttpRequestException { StatusCode: 413 } => new Refusal(413, "body-too-large",
                "The request body is larger than this endpoint takes."),
            BadHttpRequestException { InnerException: JsonException json } => ReadRefusal(json),
            BadHttpRequestException bad => new Refusal(bad.StatusCode, "invalid-request", bad.Message),
            _ => Unexpected(httpContext, exception),
        };
        await refusal.ToResult().ExecuteAsync(httpContext);
        return true;
    }

    private static Refusal ReadRefusal(JsonException json)
    {
        var member = json.Path is null or "$" ? "body" : json.Path.TrimStart('$', '.');
        const string unmapped = "could not be mapped";
        return json.Message.Contains(unmapped, StringComparison.Ordinal)
            ? Refusal.Invalid(member, $"This endpoint does not know the member '{member}'.")
            : Refusal.Invalid(member, "The body is not valid JSON for this endpoint: " + json.Message);
    }

    private Refusal Unexpected(HttpContext http, Exception exception)
    {
        Failed(log, exception, http.Request.Method, http.GetEndpoint()?.DisplayName, http.TraceIdentifier);
        return new Refusal(500, "internal-error",
            $"Something broke on our side. The log has it under {http.TraceIdentifier}.");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Endpoint} failed (trace {Trace})")]
    private static partial void Failed(ILogger log, Exception problem, string method, string? endpoint, string trace);
}
