using Mercato.Accounts;

namespace Mercato.Ledger;

public static class LedgerModule
{
    public static void AddLedger(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<LedgerOptions>().BindConfiguration("Mercato:Ledger")
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<LedgerNode>();
        services.AddSingleton<LedgerWriter>();
        services.AddSingleton(provider => new Ledger(
            provider.GetRequiredService<LedgerWriter>(), provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Microsoft.Extensions.Options.IOptions<LedgerOptions>>()));
        services.AddHostedService(provider => provider.GetRequiredService<LedgerWriter>());
        services.AddHostedService<Sweep>();
        services.AddScoped<Statement>();
        services.AddSingleton<WelcomeCredit>();
        services.AddSingleton<AccountCreated>(provider => provider.GetRequiredService<WelcomeCredit>().BookAsync);
    }

    public static void MapLedger(this WebApplication app) => app.MapCredits();
}
