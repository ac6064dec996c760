namespace Mercato.Accounts;

/// <summary>
/// Pages of any site may call the programs' routes (inference, catalog, keys, credits) with a token or key of their
/// own; cookies take no part. Attach with `.RequireCors(Cors.AnyOrigin)`.
/// </summary>
public static class Cors
{
    public const string AnyOrigin = "any-origin";

    private static readonly string[] Exposed =
    [
        "x-generation-id", "x-mercato-model", "x-mercato-provider", "x-mercato-reason", "x-mercato-replayed",
        "x-mercato-dropped-parameters", "retry-after", "etag",
    ];

    internal static void AddAnyOrigin(this IServiceCollection services) =>
        services.AddCors(cors => cors.AddPolicy(AnyOrigin, policy => policy
            .AllowAnyOrigin().AllowAnyMethod().AllowAnyHeader().WithExposedHeaders(Exposed)
            .SetPreflightMaxAge(TimeSpan.FromHours(1))));
}
