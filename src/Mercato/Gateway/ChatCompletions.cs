using Mercato.Accounts;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Gateway;

/// <summary>`POST /v1/chat/completions` and `/api/v1/chat/completions`.</summary>
internal static class ChatCompletions
{
    public static Task CompleteChat(HttpContext http, CurrentAccount account, CallIntake intake) =>
        intake.ServeAsync(http, account, OpenAiChatDialect.Instance);
}
