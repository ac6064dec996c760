using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Mercato.Hosting;

/// <summary>
/// An expected "no", as a value. One table of shapes turns it into an answer: RFC 9457 problem details on management
/// routes, the caller's own dialect on inference routes.
/// </summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Name">Stable name; `urn:mercato:problem:NAME`, and the `code` of an inference error.</param>
/// <param name="Detail">What happened and what to do about it, for a person.</param>
public sealed record Refusal(int Status, string Name, string Detail)
{
    /// <summary>Messages by request member.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>Seconds for the Retry-After header; always there on 429 and 503.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The request member at fault, for inference errors.</summary>
    public string? Param { get; init; }

    /// <summary>Figures and hints for programs.</summary>
    public IReadOnlyDictionary<string, object?>? Metadata { get; init; }

    public static Refusal Unauthenticated { get; } = new(401, "unauthenticated",
        "Send `Authorization: Bearer <access token or API key>`. Keys are made on the page /keys.");

    public static Refusal NotFound { get; } = new(404, "not-found", "There is nothing here that you can see.");

    public static Refusal Invalid(string member, string message) =>
        new(400, "invalid-request", message)
        {
            Param = member,
            Errors = new Dictionary<string, string[]> { [member] = [message] },
        };
}

/// <summary>How an endpoint writes refusals. Inference groups carry their dialect's; the default is a problem.</summary>
public sealed record ErrorShape(Func<HttpContext, Refusal, Task> WriteAsync)
{
    public static ErrorShape Problem { get; } = new(WriteProblemAsync);

    public static ErrorShape Of(HttpContext http)
    {
        // The exception handler clears the endpoint and leaves it in its feature.
        var endpoint = http.GetEndpoint() ?? http.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        return endpoint?.Metadata.GetMetadata<ErrorShape>() ?? Problem;
    }

    private static async Task WriteProblemAsync(HttpContext http, Refusal refusal)
    {
        var problem = refusal.Errors is null
            ? new ProblemDetails()
            : new HttpValidationProblemDetails(refusal.Errors.ToDictionary());
        problem.Type = "urn:mercato:problem:" + refusal.Name;
        problem.Title = refusal.Name.Replace('-', ' ');
        problem.Status = refusal.Status;
        problem.Detail = refusal.Detail;
        foreach (var (name, value) in refusal.Metadata ?? new Dictionary<string, object?>())
        {
            problem.Extensions[name] = value;
        }

        http.Response.StatusCode = refusal.Status;
        await http.Response.WriteAsJsonAsync(
            problem, problem.GetType(), options: null, "application/problem+json", http.RequestAborted);
    }
}

/// <summary>A refusal as the result of an endpoint, in the shape that the endpoint speaks.</summary>
public sealed class RefusalResult(Refusal refusal) : IResult
{
    public Refusal Refusal => refusal;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (refusal.RetryAfterSeconds is { } seconds)
        {
            httpContext.Response.Headers.RetryAfter = seconds.ToString();
        }

        if (refusal.Status == StatusCodes.Status401Unauthorized)
        {
            httpContext.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return ErrorShape.Of(httpContext).WriteAsync(httpContext, refusal);
    }
}

public static class Refusals
{
    public static RefusalResult ToResult(this Refusal refusal) => new(refusal);
}
