using Mercato.Accounts;
using Mercato.Wire.Dialects.OpenAiResponses;

namespace Mercato.Gateway;

/// <summary>`POST /v1/responses` and `/api/v1/responses`.</summary>
internal static class Responses
{
    public static Task CreateResponse(HttpContext http, CurrentAccount account, CallIntake intake) =>
        intake.ServeAsync(http, account, OpenAiResponsesDialect.Instance);
}
