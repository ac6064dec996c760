using Mercato.Hosting;

namespace Mercato.Audit;

public static class AuditModule
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    public static void AddAudit(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<LedgerAudit>();
        builder.Services.AddScoped<AuditResults>();
        builder.Services.AddJob("ledger-audit", Interval, (services, cancellationToken) =>
            services.GetRequiredService<AuditResults>().RunDueAsync(
                services.GetRequiredService<TimeProvider>().GetUtcNow(), cancellationToken));
    }

    public static void MapAudit(this WebApplication app)
    {
        var audit = app.MapGroup("/api/v1/admin/ledger/audit").Is(EndpointClass.Admin).WithTags("Operator");
        audit.MapGet("", async (AuditResults results, CancellationToken cancellationToken) =>
                new Answer<LastAudits>(await results.FindAsync(cancellationToken)))
            .WithSummary("The last audits of the ledger: what was checked, and every rule found broken.")
            .WithDescription("`all` is the last look at everything (daily, and after a POST), `recent` the last look at "
                + "what had changed. Both are clean when `finding_count` is 0.");
        audit.MapPost("", async (AuditResults results, CancellationToken cancellationToken) =>
                new Answer<AuditReport>(await results.RunAsync(cancellationToken)))
            .WithSummary("Audits the whole ledger now, while calls go on, and answers with the result.")
            .WithDescription("It reads one consistent state of the database and changes nothing but the stored result. "
                + "A million calls take about half a minute.");
    }
}
