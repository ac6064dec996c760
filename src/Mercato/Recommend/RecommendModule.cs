using Mercato.Catalog;
using Mercato.Data;
using Mercato.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Mercato.Recommend;

/// <summary>
/// Who asks for a recommendation. The default knows nobody and reaches nothing; the application registers its own.
/// </summary>
/// <param name="ReachOf">What the caller can call.</param>
/// <param name="AccountOf">The caller's account, or null for somebody who has not signed in.</param>
public sealed record RecommendCaller(Func<HttpContext, Reach> ReachOf, Func<HttpContext, Guid?> AccountOf);

public static class RecommendModule
{
    public static void AddRecommend(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<RecommendOptions>().BindConfiguration("Mercato:Recommend")
            .ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(new RecommendCaller(_ => Reach.None, _ => null));
        services.AddSingleton<AddressLimit>();
        services.AddJob("forget-recommendations", TimeSpan.FromDays(1), ForgetAsync);
    }

    public static void MapRecommend(this WebApplication app) => app.MapRecommendations();

    private static Task ForgetAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<Microsoft.Extensions.Options.IOptions<RecommendOptions>>().Value;
        var over = services.GetRequiredService<TimeProvider>().GetUtcNow() - TimeSpan.FromDays(options.KeepDays);
        return services.GetRequiredService<MercatoContext>().Set<RecommendationRow>()
            .Where(row => row.CreatedAt < over).ExecuteDeleteAsync(cancellationToken);
    }
}
