using Mercato.Hosting;
using Mercato.Ui.Pages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Mercato.Ui;

/// <summary>Refusals as pages for people, and as problem details for programs that came to the wrong place.</summary>
internal static class PageErrors
{
    public static ErrorShape Shape { get; } = new(WriteAsync);

    private static Task WriteAsync(HttpContext http, Refusal refusal)
    {
        if (!http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            return ErrorShape.Problem.WriteAsync(http, refusal);
        }

        var page = new RazorComponentResult<ErrorPage>(new Dictionary<string, object?>
        {
            [nameof(ErrorPage.Status)] = refusal.Status,
            [nameof(ErrorPage.Detail)] = refusal.Detail,
        })
        {
            StatusCode = refusal.Status,
            PreventStreamingRendering = true,
        };
        return page.ExecuteAsync(http);
    }
}
