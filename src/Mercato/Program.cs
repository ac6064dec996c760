using Mercato.Accounts;
using Mercato.Admin;
using Mercato.Audit;
using Mercato.Calls;
using Mercato.Catalog;
using Mercato.Chat;
using Mercato.Data;
using Mercato.Gateway;
using Mercato.Hosting;
using Mercato.Ledger;
using Mercato.Providers;
using Mercato.Recommend;
using Mercato.Ui;
using Microsoft.AspNetCore.Connections;

namespace Mercato;

/// <summary>The table of contents: every module, in the order in which a request meets them.</summary>
public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            if (!CommandLine.IsServe(args))
            {
                return await CommandLine.RunAsync(args);
            }

            await using var app = Build(args);
            await StartAsync(app, CancellationToken.None);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (StartupException problem)
        {
            await Console.Error.WriteLineAsync(problem.Message);
            return 1;
        }
        catch (IOException problem) when (problem.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync(
                problem.Message + " Stop what listens there, or choose another address with --urls http://localhost:5081.");
            return 1;
        }
    }

    /// <summary>The whole application, not started yet. Tests give their own settings.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        configure?.Invoke(builder);

        builder.AddHosting();
        builder.AddData();
        builder.AddAudit();
        builder.AddAccounts();
        builder.AddLedger();
        builder.AddCatalog();
        builder.AddCalls();
        builder.AddProviders();
        builder.AddRecommend();
        builder.AddGateway();
        builder.AddChat();
        builder.AddAdmin();
        builder.AddUi();

        var app = builder.Build();

        app.UseHosting();
        app.UseAccounts();
        app.MapHosting();
        app.MapAudit();
        app.MapAccounts();
        app.MapLedger();
        app.MapCatalog();
        app.MapCalls();
        app.MapProviders();
        app.MapRecommend();
        app.MapGateway();
        app.MapChat();
        app.MapAdmin();
        app.MapUi();
        return app;
    }

    /// <summary>Brings the database up to date, loads the snapshots, then listens.</summary>
    public static async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        await app.StartDataAsync(cancellationToken);
        await app.StartAccountsAsync(cancellationToken);
        await app.StartCatalogAsync(cancellationToken);
        await app.LoadSnapshotsAsync(cancellationToken);
        EndpointClasses.Check(app.Services.GetRequiredService<IEnumerable<EndpointDataSource>>()
            .SelectMany(source => source.Endpoints));
        await app.StartAsync(cancellationToken);
    }
}
