using Mercato.Accounts;
using Mercato.Wire.Dialects.Images;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>`POST /v1/images/generations` and `/api/v1/images/generations`.</summary>
internal static class Images
{
    public static Task GenerateImage(
        HttpContext http, CurrentAccount account, CallIntake intake, IOptions<GatewayOptions> options) =>
        intake.ServeAsync(http, account, body => Read(body, options.Value));

    public static PlainReading Read(byte[] body, GatewayOptions options)
    {
        var reading = OpenAiImages.ReadRequest(body);
        return new PlainReading(
            reading.Facts, reading.Facts is { } facts ? new ImageWork(facts, reading.Request!, options) : null,
            reading.Refusal);
    }
}
