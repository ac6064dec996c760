using Mercato.Data;
using Mercato.Hosting;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Mercato.Accounts;

public static partial class AccountsModule
{
    public static void AddAccounts(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var options = AccountsOptions.From(builder.Configuration);
        services.AddSingleton(options);
        services.AddIdentity(options);
        services.AddCredentials();
        services.AddAnyOrigin();
        services.AddSnapshot(ApiKeySet.Topic, ApiKeySet.LoadAsync);
        services.AddSnapshot(TokenKeys.Topic, TokenKeys.LoadAsync);
        services.AddSnapshot(Revocations.Topic, Revocations.LoadAsync);
        services.AddScoped<CurrentAccount>();
        services.AddScoped<Attempts>();
        services.AddScoped<Sessions>();
        services.AddScoped<SignIn>();
        services.AddScoped<UserChange>();
        services.AddScoped<Profile>();
        services.AddScoped<ChangePassword>();
        services.AddScoped<DeleteMe>();
        services.AddScoped<PasswordReset>();
        services.AddScoped<Users>();
        services.AddScoped<SetUp>();
        services.AddScoped<AccountKeys>();
        services.AddSingleton<FindKeySpend>(AccountSpend.NoneAsync);
        services.AddJob("accounts-sweep", TimeSpan.FromHours(1), Sweep.RunAsync);
    }

    /// <summary>
    /// Reads the credential and enforces each endpoint's class. After routing, before every endpoint.
    /// </summary>
    public static void UseAccounts(this WebApplication app)
    {
        app.UseRouting();
        app.UseCors();
        app.UseMiddleware<AccessGate>();
    }

    public static void MapAccounts(this WebApplication app)
    {
        var auth = app.MapGroup("/api/v1/auth").WithTags("Accounts");
        var open = auth.MapGroup("").Is(EndpointClass.Public);
        open.MapPost("/register", Register.RegisterAsync)
            .Tells<SignedIn>("Signs up; the answer signs in at once.", 201);
        open.MapPost("/login", Login.LoginAsync).Tells<SignedIn>("Signs in with e-mail address and password.");
        open.MapPost("/refresh", Refresh.RefreshAsync)
            .Tells<SignedIn>("Trades a refresh token for new tokens; each works once.");
        open.MapPost("/password-reset", RequestResetAsync)
            .Tells("Says how a forgotten password can be set anew.", 202);
        open.MapPost("/password-reset/confirm", ConfirmResetAsync)
            .Tells("Sets a new password with a one-time link's token.");

        var own = auth.MapGroup("").Is(EndpointClass.OwnObject).Needs(KeyScopes.None);
        own.MapPost("/logout", Logout.LogoutAsync).Tells("Ends this session.");
        own.MapGet("/verify", Verify.VerifyCaller)
            .Tells<Verify.Answer>("Says who is calling, and until when the credential works.");

        app.MapMe();
        app.MapKeys();
    }

    /// <summary>What must be there before the first request: a key to sign tokens with, and an administrator.</summary>
    public static async Task StartAccountsAsync(this WebApplication app, CancellationToken cancellationToken)
    {
        await using var scope = app.Services.CreateAsyncScope();
        await TokenKeys.EnsureAsync(scope.ServiceProvider, cancellationToken);
        if (await scope.ServiceProvider.GetRequiredService<SetUp>().RunAsync(cancellationToken) is { } link)
        {
            // Printed and not logged: whoever reads it becomes the administrator.
            await Console.Out.WriteLineAsync($"There is no administrator yet. Open this link once: {link}");
        }

        WarnOfPlainCookies(app);
    }

    private static Task<IResult> RequestResetAsync(
        ResetRequest request, HttpContext http, PasswordReset reset, CancellationToken cancellationToken) =>
        reset.RequestAsync(http, request, cancellationToken);

    private static async Task<IResult> ConfirmResetAsync(
        ConfirmResetRequest request, HttpContext http, PasswordReset reset, CancellationToken cancellationToken) =>
        await reset.ConfirmAsync(http, request, cancellationToken) is { } refusal
            ? refusal.ToResult()
            : Results.NoContent();

    private static void WarnOfPlainCookies(WebApplication app)
    {
        var plain = (app.Configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Where(url => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
                && BindingAddress.Parse(url).Host is not ("localhost" or "127.0.0.1" or "[::1]")).ToArray();
        if (plain.Length > 0)
        {
            PlainCookies(app.Logger, string.Join(", ", plain));
        }
    }

    private static void AddIdentity(this IServiceCollection services, AccountsOptions accounts)
    {
        services.AddIdentityCore<User>(options =>
        {
            options.User.RequireUniqueEmail = true;
            options.User.AllowedUserNameCharacters = RegisterRules.UsernameCharacters;
            options.Password = new PasswordOptions
            {
                RequiredLength = 1,
                RequireDigit = false,
                RequireLowercase = false,
                RequireUppercase = false,
                RequireNonAlphanumeric = false,
            };
        }).AddEntityFrameworkStores<MercatoContext>().AddDefaultTokenProviders()
            .AddPasswordValidator<PasswordRules>();
        services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = accounts.PasswordIterations);
        services.Configure<DataProtectionTokenProviderOptions>(
            tokens => tokens.TokenLifespan = accounts.ResetLinkLifetime);
        services.AddSingleton(provider =>
            new Passwords(new PasswordHasher<User>(provider.GetRequiredService<IOptions<PasswordHasherOptions>>())));
        services.AddScoped<Registration>();
        services.AddScoped<PasswordCheck>();
    }

    private static void AddCredentials(this IServiceCollection services)
    {
        services.AddAuthentication().AddJwtBearer(AccessTokens.Scheme, _ => { }).AddCookie(PageCookie.Scheme, _ => { });
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>>(
            provider => provider.GetRequiredService<AccessTokens>());
        services.AddSingleton<IConfigureOptions<CookieAuthenticationOptions>, PageCookie>();
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.HeaderName = PageForgery.Header;
            antiforgery.Cookie.Name = "mercato-antiforgery";
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            // Our own policy forbids frames already.
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<CredentialReader>();
        services.AddSingleton<KeyUse>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyUse>());
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Serving plain http on {Addresses}: whoever listens on the "
        + "network can read passwords, keys and cookies. Put a proxy that speaks https in front.")]
    private static partial void PlainCookies(ILogger log, string addresses);
}
