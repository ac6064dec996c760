using Mercato.Data;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Mercato.Accounts;

/// <summary>Access tokens: ES256, one issuer, audience and type, short-lived.</summary>
internal sealed class AccessTokens(
    Snapshot<TokenKeys> keys, AccountsOptions options, TimeProvider time) : IConfigureNamedOptions<JwtBearerOptions>
{
    public const string Scheme = JwtBearerDefaults.AuthenticationScheme;

    private const string Issuer = "mercato", Audience = "mercato-api", Type = "at+jwt";
    private const int LongestToken = 4096;

    /// <summary>Nodes' clocks may differ by this much.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private readonly JsonWebTokenHandler _writer = new() { SetDefaultTimesOnTokenCreation = false };

    public string Write(Claims claims)
    {
        var now = time.GetUtcNow();
        return _writer.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            TokenType = Type,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + options.AccessTokenLifetime).UtcDateTime,
            Claims = claims.ToDictionary(),
            SigningCredentials = new SigningCredentials(
                keys.Current.SigningAt(now), SecurityAlgorithms.EcdsaSha256),
        });
    }

    public void Configure(JwtBearerOptions options) => Configure(Scheme, options);

    public void Configure(string? name, JwtBearerOptions options)
    {
        options.MapInboundClaims = false;
        options.SaveToken = false;
        options.IncludeErrorDetails = false;
        options.TokenHandlers.Clear();
        options.TokenHandlers.Add(
            new JsonWebTokenHandler { MapInboundClaims = false, MaximumTokenSizeInBytes = LongestToken });
        options.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidAudience = Audience,
            ValidTypes = [Type],
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            TryAllIssuerSigningKeys = false,
            IssuerSigningKeyResolver = (_, _, kid, _) =>
                kid is not null && keys.Current.ById.TryGetValue(kid, out var key) ? [key] : [],
            LifetimeValidator = (from, until, _, _) => IsWithin(from, until),
        };
        options.Events = new JwtBearerEvents
        {
            OnMessageReceived = message =>
            {
                message.Token = CredentialReader.Presented(message.Request);
                return Task.CompletedTask;
            },
        };
    }

    /// <summary>Judged by our clock, not the library's, and exact at the end.</summary>
    private bool IsWithin(DateTime? from, DateTime? until)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return until > now && (from is null || from <= now + Skew);
    }
}
