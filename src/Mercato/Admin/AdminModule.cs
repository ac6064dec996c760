using Mercato.Accounts;
using Mercato.Data;
using Mercato.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Admin;

public static class AdminModule
{
    public static void AddAdmin(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<AuditLog>();
        builder.Services.AddScoped<OffersAdmin>();
        builder.Services.AddScoped<ProvidersAdmin>();
    }

    public static void MapAdmin(this WebApplication app)
    {
        var admin = app.MapGroup("/api/v1/admin").Is(EndpointClass.Admin).WithTags("Operator");
        admin.MapUsers();
        MapProviders(admin.MapGroup("/providers"));
        // An offer's id holds slashes, so it is the rest of the path.
        admin.MapGet("/offers/{**id}", async (string id, OffersAdmin offers, CancellationToken cancellationToken) =>
            await offers.FindAsync(id, cancellationToken) is { } found
                ? Results.Ok(new { data = found })
                : Refusal.NotFound.ToResult());
        admin.MapPatch("/offers/{**id}", async (string id, ChangeOffer request, OffersAdmin offers, CancellationToken cancellationToken) =>
            ToResult(await offers.ChangeAsync(id, request, cancellationToken)));
        admin.MapGet("/audit-log", async (AuditLog audit, CancellationToken cancellationToken, int limit = 50) =>
            new Answer<List<AuditEntry>>(await audit.ListAsync(Math.Clamp(limit, 1, 200), cancellationToken)));
        admin.MapGet("/jobs", async (MercatoContext context, CancellationToken cancellationToken) =>
            new Answer<List<JobRow>>(await context.Set<JobRow>().AsNoTracking().OrderBy(job => job.Name).ToListAsync(cancellationToken)));
    }

    private static void MapProviders(RouteGroupBuilder providers)
    {
        providers.MapGet("", async (ProvidersAdmin admin, CancellationToken cancellationToken) =>
            new Answer<IReadOnlyList<ProviderView>>(await admin.ListAsync(cancellationToken)));
        providers.MapGet("/{id}", async (string id, ProvidersAdmin admin, CancellationToken cancellationToken) =>
            await admin.FindAsync(id, cancellationToken) is { } found
                ? Results.Ok(new { data = found })
                : Refusal.NotFound.ToResult());
        providers.MapPost("", async (ProviderRequest request, ProvidersAdmin admin, CancellationToken cancellationToken) =>
        {
            var made = await admin.CreateAsync(request, cancellationToken);
            return made.Succeeded
                ? Results.Created($"/api/v1/admin/providers/{made.Value.Id}", new { data = made.Value })
                : made.Refusal.ToResult();
        });
        providers.MapPatch("/{id}", async (string id, ProviderRequest request, ProvidersAdmin admin, CancellationToken cancellationToken) =>
            ToResult(await admin.ChangeAsync(id, request, cancellationToken)));
        providers.MapDelete("/{id}", async (string id, ProvidersAdmin admin, CancellationToken cancellationToken) =>
            await admin.DeleteAsync(id, cancellationToken) ? Results.NoContent() : Refusal.NotFound.ToResult());
        providers.MapPost("/{id}/test", async (string id, TestProvider? request, ProvidersAdmin admin, CancellationToken cancellationToken) =>
            ToResult(await admin.TestAsync(id, request?.Model, cancellationToken)));
    }

    private static IResult ToResult<T>(Outcome<T> outcome) where T : class =>
        outcome.Succeeded ? Results.Ok(new { data = outcome.Value }) : outcome.Refusal.ToResult();
}
