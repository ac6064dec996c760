using Mercato.Accounts;
using Mercato.Gateway;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Chat;

public static class ChatModule
{
    public static void AddChat(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(provider => new ChatRuns(
            provider.GetRequiredService<GatewayPipeline>(), provider.GetRequiredService<LocalModel>(),
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<ILogger<ChatRuns>>()));
        services.AddScoped<Conversations>();
        services.AddSingleton<AccountDeleted>((context, accountId, cancellationToken) => context.Set<Conversation>()
            .Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken));
    }

    public static void MapChat(this WebApplication app) => app.MapConversations();
}
