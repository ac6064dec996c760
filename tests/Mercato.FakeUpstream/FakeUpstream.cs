using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mercato.Fake;

/// <summary>How a <see cref="FakeUpstream"/> is set up.</summary>
public sealed record FakeUpstreamOptions
{
    /// <summary>Loopback port; 0 picks a free one.</summary>
    public int Port { get; init; }

    /// <summary>The one key that is accepted, in the dialect's own header; null accepts any caller.</summary>
    public string? ApiKey { get; init; }

    /// <summary>File to which each ended call is appended as one line of JSON.</summary>
    public string? JournalFile { get; init; }

    /// <summary>False leaves request bodies out of the journal, for long load runs.</summary>
    public bool KeepBodies { get; init; } = true;

    /// <summary>Whose sealed reasoning it accepts: fakes of different names refuse each other's.</summary>
    public string Host { get; init; } = "fake";

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>
/// A provider on loopback that speaks all chat dialects, misbehaves when the model name asks for it, and journals
/// the truth of each call. A model name is a script, e.g. <c>fake-ok;out=50..400;events=10;stall=3</c>; README.md in
/// this folder lists the modes and terms. Requests are checked strictly: a member that the provider does not know is a 400.
/// </summary>
public sealed class FakeUpstream : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, string> aliases = new();
    private readonly ConcurrentDictionary<string, int> timesCalled = new();

    private FakeUpstream(WebApplication app, FakeUpstreamOptions options)
    {
        this.app = app;
        Options = options;
        Journal = new Journal(options);
        Seals = new Seals(options.Host);
    }

    /// <summary>Base address as an OpenAI client takes it: <c>http://127.0.0.1:port/v1</c>.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Base address of the dialects whose clients add the whole path: <c>http://127.0.0.1:port/</c>.</summary>
    public Uri Root => new(Address, "/");

    /// <summary>What was asked and what was truly sent.</summary>
    public Journal Journal { get; }

    internal FakeUpstreamOptions Options { get; }

    internal Seals Seals { get; }

    internal CancellationToken Stopping => app.Lifetime.ApplicationStopping;

    /// <summary>Starts one on 127.0.0.1; any number of them live in one process.</summary>
    public static async Task<FakeUpstream> StartAsync(FakeUpstreamOptions? options = null)
    {
        options ??= new FakeUpstreamOptions();
        // The empty builder reads no settings and logs nothing, so a test run's environment can't change the fake.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 64 << 20;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(DirectOutput.UseAsync);
            });
        });
        // A hanging call ends with the fake, not a shutdown timeout later.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));

        var upstream = new FakeUpstream(builder.Build(), options);
        upstream.app.Run(upstream.ServeAsync);
        await upstream.app.StartAsync();
        upstream.Address = new Uri($"{upstream.app.Urls.Single()}/v1");
        return upstream;
    }

    /// <summary>
    /// Lets <paramref name="model"/> (<c>*</c>: every unknown name) be answered by a script, so that a catalog model's
    /// own name can be sent to the fake.
    /// </summary>
    /// <exception cref="ArgumentException">The script can't be read.</exception>
    public void Alias(string model, string script) => aliases[model] =
        Script.Parse(script) is null ? throw new ArgumentException($"Not a script: {script}") : script;

    /// <summary>Empties the journal; its numbers and the <c>times</c> counts start afresh. Aliases stay.</summary>
    public void Reset()
    {
        timesCalled.Clear();
        Journal.Clear();
    }

    /// <summary>All words of the script language: name, what follows it, meaning.</summary>
    public static IEnumerable<(string Name, string Takes, string Meaning)> ListWords() =>
        Mode.All.Select(mode => (mode.Name, "", mode.Meaning))
            .Concat(Language.All.Select(term => (term.Name, term.Takes, term.Meaning)));

    /// <summary>How the journal shows a secret, so that a test can tell which key was sent without seeing it.</summary>
    public static string Digest(string secret) =>
        $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)))[..12]}";

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        Journal.Dispose();
    }

    internal Script? FindScript(string model) =>
        Script.Parse(model) ??
        (aliases.TryGetValue(model, out var script) || aliases.TryGetValue("*", out script)
            ? Script.Parse(script)
            : null);

    internal int CountTimes(string model) => timesCalled.AddOrUpdate(model, 1, (_, times) => times + 1);

    private Task ServeAsync(HttpContext context) =>
        Dialect.All.FirstOrDefault(dialect => dialect.Serves(context.Request)) is { } dialect
            ? Exchange.AnswerAsync(context, this, dialect)
            : ModelLists.Find(context.Request, Models) is { } list
                ? WriteJsonAsync(context, 200, list)
                : ServeOtherAsync(context);

    private IEnumerable<string> Models =>
        Mode.All.Select(mode => mode.Name).Concat(aliases.Keys.Where(name => name != "*"));

    private Task ServeOtherAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("GET", "/_journal") => WriteJsonAsync(context, 200, Journal.ToJson()),
        ("POST", "/_reset") => ResetAsync(context),
        var (method, path) => WriteJsonAsync(context, 404, Complaint.UnknownAddress(method, path).ToJson()),
    };

    private Task ResetAsync(HttpContext context)
    {
        Reset();
        return WriteJsonAsync(context, 200, new JsonObject { ["reset"] = true });
    }

    internal static async Task WriteJsonAsync(HttpContext context, int status, JsonNode body)
    {
        var bytes = body.ToBytes();
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
