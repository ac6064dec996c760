using Mercato.Accounts;
using Mercato.Data;
using Mercato.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mercato.Tests.Accounts;

/// <summary>A second node on the first one's database.</summary>
public sealed class NodesTests(PostgresApp app) : IClassFixture<PostgresApp>, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mercato-node-").FullName;
    private WebApplication _second = null!;

    public async ValueTask InitializeAsync()
    {
        _second = Program.Build([], builder =>
        {
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["urls"] = "http://127.0.0.1:0",
                ["ConnectionStrings:Mercato"] = app.Services.GetRequiredService<Database>().ConnectionString,
                ["Mercato:DataDirectory"] = _folder,
                ["Mercato:MasterKeys:1"] = Convert.ToBase64String(new byte[32]),
                ["Mercato:Accounts:PasswordIterations"] = "1",
            });
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
        });
        await Program.StartAsync(_second, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _second.StopAsync();
        await _second.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task EveryNode_KnowsEveryCredential()
    {
        var person = await Person.SignUpAsync(app);
        using var elsewhere = Elsewhere(person.AccessToken);
        await (await elsewhere.AskAsync("/api/v1/me")).ReadAsync(200);

        var made = await (await person.Client.PostAsync("/api/v1/keys", new { name = "new" })).ReadAsync(201);
        using var byKey = Elsewhere(made.GetProperty("key").GetString()!);

        await (await byKey.AskAsync("/api/v1/key")).ReadAsync(200);
        var refreshed = await (await elsewhere.PostAsync("/api/v1/auth/refresh",
            new { refresh_token = person.RefreshToken })).ReadAsync(200);
        await (await app.WithBearer(refreshed.GetProperty("access_token").GetString()!).AskAsync("/api/v1/me"))
            .ReadAsync(200);
    }

    [Fact]
    public async Task WhatEndsHere_EndsThere()
    {
        var person = await Person.SignUpAsync(app);
        var made = await (await person.Client.PostAsync("/api/v1/keys", new { name = "k" })).ReadAsync(201);
        using var elsewhere = Elsewhere(person.AccessToken);
        using var byKey = Elsewhere(made.GetProperty("key").GetString()!);
        await (await byKey.AskAsync("/api/v1/key")).ReadAsync(200);

        await (await person.Client.DeleteAsync("/api/v1/keys/" + KeyTests.HashOf(made.GetProperty("data")),
            TestContext.Current.CancellationToken)).ReadAsync(204);
        await (await person.Client.PostAsync("/api/v1/auth/logout", new { })).ReadAsync(204);

        await RefusedSoonAsync(byKey, "/api/v1/key");
        await RefusedSoonAsync(elsewhere, "/api/v1/me");
    }

    // The news travels by NOTIFY and a poll; asking again waits for it without a clock of the test's own.
    private static async Task RefusedSoonAsync(HttpClient client, string path)
    {
        while ((int)(await client.AskAsync(path)).StatusCode != 401)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private HttpClient Elsewhere(string credential)
    {
        var client = Fake.Loopback.Client(new Uri(_second.Urls.First()));
        client.DefaultRequestHeaders.Add("x-api-key", credential);
        return client;
    }
}
