using Mercato.Accounts;
using Mercato.Wire.Dialects.Anthropic;

namespace Mercato.Gateway;

/// <summary>`POST /v1/messages` and `/api/v1/messages`.</summary>
internal static class Messages
{
    public static Task CreateMessage(HttpContext http, CurrentAccount account, CallIntake intake) =>
        intake.ServeAsync(http, account, AnthropicDialect.Instance);
}
