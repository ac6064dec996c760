using Mercato.Data;
using Mercato.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Mercato.Recommend;

public static class RecommendModule
{
    public static void AddRecommend(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<RecommendOptions>().BindConfiguration("Mercato:Recommend")
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<AddressLimit>();
        services.AddJob("forget-recommendations", TimeSpan.FromDays(1), ForgetAsync);
    }

    public static void MapRecommend(this WebApplication app) => app.MapRecommendations();

    private static Task ForgetAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<IOptions<RecommendOptions>>().Value;
        var over = services.GetRequiredService<TimeProvider>().GetUtcNow() - TimeSpan.FromDays(options.KeepDays);
        return services.GetRequiredService<MercatoContext>().Set<RecommendationRow>()
            .Where(row => row.CreatedAt < over).ExecuteDeleteAsync(cancellationToken);
    }
}
