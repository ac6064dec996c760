using Mercato.Accounts;
using Mercato.Gateway.Idempotency;
using Mercato.Hosting;
using Mercato.Wire.Dialects.Anthropic;
using Mercato.Wire.Dialects.OpenAiChat;
using Mercato.Wire.Dialects.OpenAiResponses;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

public static class GatewayModule
{
    public static void AddGateway(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<GatewayOptions>().BindConfiguration("Mercato:Gateway")
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<OfferHealth>();
        services.AddSingleton<OfferOrder>();
        services.AddSingleton<Stickiness>();
        services.AddSingleton<ReasoningMemory>();
        services.AddSingleton<Outgoing>();
        services.AddSingleton<Experience>();
        services.AddSingleton<Routing>();
        services.AddSingleton<Admission>();
        services.AddSingleton<Upstream>();
        services.AddSingleton<StreamPump>();
        services.AddSingleton<PlainPump>();
        services.AddSingleton<Settling>();
        services.AddSingleton<LocalModel>();
        services.AddSingleton<KeptConversations>();
        services.AddSingleton<KeptResponses>();
        services.AddSingleton<IdempotentCalls>();
        services.AddSingleton<CallIntake>();
        services.AddJob("forget-responses", TimeSpan.FromMinutes(10), KeptResponses.ForgetAsync);
        services.AddJob("forget-idempotent-calls", TimeSpan.FromMinutes(30), IdempotentCalls.ForgetAsync);
        services.AddSingleton<CountTokens>();
        services.AddSingleton<Quote>();
        services.AddSingleton(provider => new GatewayPipeline(
            provider.GetRequiredService<Routing>(), provider.GetRequiredService<Admission>(),
            provider.GetRequiredService<Upstream>(), provider.GetRequiredService<StreamPump>(),
            provider.GetRequiredService<PlainPump>(), provider.GetRequiredService<Settling>(),
            provider.GetRequiredService<Experience>(), provider.GetRequiredService<KeptResponses>(),
            provider.GetRequiredService<IOptions<GatewayOptions>>()));
    }

    /// <summary>`/v1` is faithful to OpenAI and Anthropic, `/api/v1` to OpenRouter; the same handlers serve both.</summary>
    public static void MapGateway(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        foreach (var prefix in (string[])["/v1", "/api/v1"])
        {
            // A body over our own limit is still taken in up to twice that: a client that is cut off while it sends
            // never reads the refusal.
            var inference = app.MapGroup(prefix).Is(EndpointClass.Inference).WithTags("Inference")
                .WithMetadata(new RequestSizeLimitAttribute(2L * options.MaxBodyBytes)).RequireCors(Cors.AnyOrigin);
            inference.MapPost("/chat/completions", ChatCompletions.CompleteChat)
                .Tells("OpenAI's Chat Completions, plain or streamed, with any model.", 200)
                .WithMetadata(CallerErrors.In(OpenAiChatDialect.Instance));
            inference.MapPost("/responses", Responses.CreateResponse)
                .Tells("OpenAI's Responses, plain or streamed, with any model.", 200)
                .WithMetadata(CallerErrors.In(OpenAiResponsesDialect.Instance));
            inference.MapPost("/messages", Messages.CreateMessage)
                .Tells("Anthropic's Messages, plain or streamed, with any model.", 200)
                .WithMetadata(CallerErrors.In(AnthropicDialect.Instance));
            inference.MapPost("/messages/count_tokens", CountTokens.CountMessageTokens)
                .Tells("How many tokens a request to Messages would have.", 200)
                .WithMetadata(CallerErrors.In(AnthropicDialect.Instance));
            inference.MapPost("/embeddings", Embeddings.CreateEmbedding).Tells("OpenAI's Embeddings.", 200)
                .WithMetadata(CallerErrors.In(OpenAiChatDialect.Instance));
            inference.MapPost("/images/generations", Images.GenerateImage).Tells("OpenAI's Images.", 200)
                .WithMetadata(CallerErrors.In(OpenAiChatDialect.Instance));
        }

        app.MapConversations(options);
        app.MapPost("/api/v1/quote", Quote.GetQuote)
            .Tells<QuoteView>("What a request to any of the others would cost, who would answer it, or why nobody would.")
            .Is(EndpointClass.Inference).WithTags("Inference")
            .WithMetadata(new RequestSizeLimitAttribute(2L * options.MaxBodyBytes)).RequireCors(Cors.AnyOrigin);
        app.MapModels();
        app.MapWrongAddresses();
    }
}
