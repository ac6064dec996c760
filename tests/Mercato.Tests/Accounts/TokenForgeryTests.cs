using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mercato.Accounts;
using Mercato.Data;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Accounts;

/// <summary>
/// Tokens that look nearly right. The signing is done here by hand, so no library refuses to be careless.
/// </summary>
public sealed class TokenForgeryTests(GateApp app) : IClassFixture<GateApp>
{
    private const string Typ = "at+jwt", Iss = "mercato", Aud = "mercato-api";

    private long Now => app.Clock.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public async Task OwnSignatureAndRightClaims_IsAccepted() =>
        (await AskAsync(Sign(Header(), Payload()))).ShouldBe(200);

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("nOnE")]
    [InlineData("HS256")]
    [InlineData("ES384")]
    [InlineData("RS256")]
    [InlineData("")]
    public async Task OtherAlgorithm_Refused(string alg)
    {
        var header = Header();
        header["alg"] = alg;
        var text = Text(header, Payload());
        var publicKey = Key().ECDsa.ExportSubjectPublicKeyInfo();

        (await AskAsync(text + ".")).ShouldBe(401);
        (await AskAsync(Sign(header, Payload()))).ShouldBe(401);
        (await AskAsync($"{text}.{Url(HMACSHA256.HashData(publicKey, Encoding.ASCII.GetBytes(text)))}")).ShouldBe(401);
    }

    [Theory]
    [InlineData("typ", "JWT")]
    [InlineData("typ", null)]
    [InlineData("kid", "../../etc/passwd")]
    [InlineData("kid", "' OR 1=1 --")]
    [InlineData("kid", "https://evil.example/key")]
    [InlineData("kid", null)]
    public async Task OtherHeader_Refused(string name, string? value)
    {
        var header = Header();
        header[name] = value;
        if (value is null)
        {
            header.Remove(name);
        }

        (await AskAsync(Sign(header, Payload()))).ShouldBe(401);
    }

    [Theory]
    [InlineData("jku")]
    [InlineData("x5u")]
    [InlineData("jwk")]
    public async Task KeyBroughtAlong_IsNotUsed(string name)
    {
        using var mine = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = mine.ExportParameters(false).Q;
        var header = Header();
        header[name] = name == "jwk"
            ? new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Url(point.X!), ["y"] = Url(point.Y!) }
            : "https://evil.example/key";

        (await AskAsync(Sign(header, Payload(), mine))).ShouldBe(401);
        header.Remove("kid");
        (await AskAsync(Sign(header, Payload(), mine))).ShouldBe(401);
    }

    [Theory]
    [InlineData("iss", "\"mercato2\"")]
    [InlineData("iss", null)]
    [InlineData("aud", "\"other\"")]
    [InlineData("aud", null)]
    [InlineData("exp", null)]
    [InlineData("exp", "0")]
    [InlineData("exp", "\"soon\"")]
    [InlineData("sid", null)]
    [InlineData("sid", "\"nonsense\"")]
    [InlineData("sub", null)]
    [InlineData("account_id", null)]
    [InlineData("ver", null)]
    [InlineData("ver", "\"x\"")]
    public async Task OtherClaim_Refused(string name, string? json)
    {
        var payload = Payload();
        payload.Remove(name);
        if (json is not null)
        {
            payload[name] = JsonNode.Parse(json);
        }

        (await AskAsync(Sign(Header(), payload))).ShouldBe(401);
    }

    [Fact]
    public async Task NotYetOrNoLongerValid_Refused()
    {
        var early = Payload();
        early["nbf"] = Now + 120;
        var late = Payload();
        late["exp"] = Now;

        (await AskAsync(Sign(Header(), early))).ShouldBe(401);
        (await AskAsync(Sign(Header(), late))).ShouldBe(401);
    }

    [Fact]
    public async Task TamperedOrStrippedSignature_Refused()
    {
        var parts = Sign(Header(), Payload()).Split('.');
        var admin = Payload();
        admin["admin"] = "true";

        (await AskAsync($"{parts[0]}.{parts[1]}")).ShouldBe(401);
        (await AskAsync($"{parts[0]}.{parts[1]}.")).ShouldBe(401);
        (await AskAsync($"{parts[0]}.{Url(Encoding.UTF8.GetBytes(admin.ToJsonString()))}.{parts[2]}")).ShouldBe(401);
        (await AskAsync($"{parts[0]}.{parts[1]}.{new string('A', 86)}")).ShouldBe(401);
        (await AskAsync(Sign(Header(), Payload()) + new string('A', 9000))).ShouldBe(401);
    }

    [Fact]
    public async Task KeyOfAnotherServer_Refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        (await AskAsync(Sign(Header(), Payload(), other))).ShouldBe(401);
    }

    private static string Url(byte[] bytes) => WebEncoders.Base64UrlEncode(bytes);

    private static string Text(JsonObject header, JsonObject payload) =>
        $"{Url(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Url(Encoding.UTF8.GetBytes(payload.ToJsonString()))}";

    private Microsoft.IdentityModel.Tokens.ECDsaSecurityKey Key() =>
        app.Services.GetRequiredService<Snapshot<TokenKeys>>().Current.SigningAt(app.Clock.GetUtcNow());

    private JsonObject Header() => new() { ["alg"] = "ES256", ["typ"] = Typ, ["kid"] = Key().KeyId };

    private JsonObject Payload() => new()
    {
        ["iss"] = Iss,
        ["aud"] = Aud,
        ["sub"] = Guid.NewGuid().ToString(),
        ["account_id"] = Guid.NewGuid().ToString(),
        ["sid"] = Guid.NewGuid().ToString(),
        ["ver"] = "0",
        ["nbf"] = Now,
        ["iat"] = Now,
        ["exp"] = Now + 600,
    };

    private string Sign(JsonObject header, JsonObject payload, ECDsa? key = null)
    {
        var text = Text(header, payload);
        return $"{text}.{Url((key ?? Key().ECDsa).SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }

    private async Task<int> AskAsync(string token)
    {
        using var client = app.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + token);
        return (int)(await client.AskAsync("/test/own")).StatusCode;
    }
}
