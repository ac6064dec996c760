using Mercato.Accounts;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Providers;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Admin;

public static class AdminModule
{
    private const string PricesOf = "/prices";

    public static void AddAdmin(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<AuditLog>();
        builder.Services.AddScoped<OffersAdmin>();
        builder.Services.AddScoped<OfferPrices>();
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
                : Refusal.NotFound.ToResult())
            .Tells<Answer<OfferDecision>>("What operators decided about an offer.");
        admin.MapPatch("/offers/{**id}", async (string id, ChangeOffer request, OffersAdmin offers, CancellationToken cancellationToken) =>
            ToResult(await offers.ChangeAsync(id, request, cancellationToken)))
            .Tells<Answer<OfferDecision>>("Hides an offer, accepts its disputed price, or sets its margin.");
        admin.MapPost("/offers/{**id}", async (string id, NewPrice request, OfferPrices prices, CancellationToken cancellationToken) =>
        {
            var entered = id.EndsWith(PricesOf, StringComparison.Ordinal)
                ? await prices.EnterAsync(id[..^PricesOf.Length], request, cancellationToken)
                : Refusal.NotFound;
            return entered.Succeeded
                ? Results.Created((string?)null, new { data = entered.Value })
                : entered.Refusal.ToResult();
        })
            .Tells<Answer<EnteredPrice>>("Enters a price of an offer (`.../prices`), from now or a later day on.", 201);
        admin.MapGet("/audit-log", async (AuditLog audit, CancellationToken cancellationToken, int limit = 50) =>
            new Answer<List<AuditEntry>>(await audit.ListAsync(Math.Clamp(limit, 1, 200), cancellationToken)))
            .WithSummary("What operators changed, newest first.");
        admin.MapGet("/jobs", async (MercatoContext context, CancellationToken cancellationToken) =>
            new Answer<List<JobRow>>(await context.Set<JobRow>().AsNoTracking().OrderBy(job => job.Name).ToListAsync(cancellationToken)))
            .WithSummary("The recurring jobs and how they last went.");
    }

    private static void MapProviders(RouteGroupBuilder providers)
    {
        providers.MapGet("", async (ProvidersAdmin admin, CancellationToken cancellationToken) =>
            new Answer<IReadOnlyList<ProviderView>>(await admin.ListAsync(cancellationToken)))
            .WithSummary("All providers; never their keys.");
        providers.MapGet("/{id}", async (string id, ProvidersAdmin admin, CancellationToken cancellationToken) =>
            await admin.FindAsync(id, cancellationToken) is { } found
                ? Results.Ok(new { data = found })
                : Refusal.NotFound.ToResult())
            .Tells<Answer<ProviderView>>("One provider; never its key.");
        providers.MapPost("", async (ProviderRequest request, ProvidersAdmin admin, CancellationToken cancellationToken) =>
        {
            var made = await admin.CreateAsync(request, cancellationToken);
            return made.Succeeded
                ? Results.Created($"/api/v1/admin/providers/{made.Value.Id}", new { data = made.Value })
                : made.Refusal.ToResult();
        })
            .Tells<Answer<ProviderView>>("Adds a provider, or takes over one that is built in.", 201);
        providers.MapPatch("/{id}", async (string id, ProviderRequest request, ProvidersAdmin admin, CancellationToken cancellationToken) =>
            ToResult(await admin.ChangeAsync(id, request, cancellationToken)))
            .Tells<Answer<ProviderView>>("Changes what is given of a provider.");
        providers.MapDelete("/{id}", async (string id, ProvidersAdmin admin, CancellationToken cancellationToken) =>
            await admin.DeleteAsync(id, cancellationToken) ? Results.NoContent() : Refusal.NotFound.ToResult())
            .Tells("Removes a provider, or what was changed of one that is built in.");
        providers.MapPost("/{id}/test", async (string id, TestProvider? request, ProvidersAdmin admin, CancellationToken cancellationToken) =>
            ToResult(await admin.TestAsync(id, request?.Model, cancellationToken)))
            .Tells<Answer<TestResult>>("Calls a provider once and says how that went.");
    }

    private static IResult ToResult<T>(Outcome<T> outcome) where T : class =>
        outcome.Succeeded ? Results.Ok(new { data = outcome.Value }) : outcome.Refusal.ToResult();
}
