using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mercato.Accounts;
using Mercato.Data;
using Mercato.Gateway;
using Mercato.Ledger;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Chat;

/// <summary>The replies that are being written here. Each goes through the gateway like any other call.</summary>
public sealed partial class ChatRuns
{
    private readonly ConcurrentDictionary<(Guid AccountId, Guid MessageId), ChatRun> _runs = [];
    private readonly GatewayPipeline _pipeline;
    private readonly LocalModel _local;
    private readonly IServiceScopeFactory _scopes;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<ChatRuns> _log;

    internal ChatRuns(
        GatewayPipeline pipeline, LocalModel local, IServiceScopeFactory scopes, IHostApplicationLifetime lifetime,
        ILogger<ChatRuns> log)
    {
        _pipeline = pipeline;
        _local = local;
        _scopes = scopes;
        _lifetime = lifetime;
        _log = log;
    }

    public ChatRun? Find(Guid accountId, Guid messageId) => _runs.GetValueOrDefault((accountId, messageId));

    /// <summary>Starts to write a stored message of state running; history ends with the person's last words.</summary>
    internal void Start(Caller caller, Message message, IReadOnlyList<Message> history)
    {
        var run = new ChatRun(_lifetime.ApplicationStopping);
        _runs[(caller.AccountId, message.Id)] = run;
        _ = Task.Run(() => WriteAsync(run, caller, message, history), CancellationToken.None);
    }

    private async Task WriteAsync(ChatRun run, Caller caller, Message message, IReadOnlyList<Message> history)
    {
        using var sink = new RunSink(run);
        try
        {
            await CallAsync(run, sink, caller, message, history);
        }
        catch (Exception problem)
        {
            // Whatever broke, the reader must not wait for ever.
            Failed(_log, problem, message.Id);
            run.End(MessageState.Failed, null, null, "Something broke on our side. Ask again.");
        }

        await StoreAsync(run, message);
        run.Close();
        _runs.TryRemove((message.AccountId, message.Id), out _);
    }

    private async Task CallAsync(
        ChatRun run, RunSink sink, Caller caller, Message message, IReadOnlyList<Message> history)
    {
        var reading = OpenAiChatDialect.ReadRequest(BodyOf(message.Model!, history));
        if (reading.Facts is not { } facts)
        {
            run.End(MessageState.Failed, null, null, reading.Refusal!.Message);
            return;
        }

        var call = new GatewayCall(caller, OpenAiChatDialect.Instance, facts, sink) { App = "Chat page" };
        await (LocalModel.Is(facts.Model) ? _local.AnswerAsync(call) : _pipeline.RunAsync(call));
        var state = run.Stopping.IsCancellationRequested ? MessageState.Stopped
            : sink.Error is null ? MessageState.Done
            : MessageState.Failed;
        var cost = call.Op is { } op ? new Money(op.CostNano) : Money.Zero;
        // The local assistant keeps no record of a call, so there is no bill to point at.
        run.End(state, cost, call.Op is { } charged ? Op.GenerationId(charged.Id) : null, sink.Error);
    }

    private static byte[] BodyOf(string model, IReadOnlyList<Message> history) =>
        JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["model"] = model,
            ["stream"] = true,
            ["messages"] = new JsonArray([.. history.Select(message => new JsonObject
            {
                ["role"] = message.Role == MessageRole.User ? "user" : "assistant",
                ["content"] = message.Content,
            })]),
        });

    private async Task StoreAsync(ChatRun run, Message message)
    {
        var moment = run.Read().Moment;
        var cost = moment.Cost?.Nano;
        try
        {
            await using var scope = _scopes.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
            await context.Set<Message>()
                .Where(row => row.AccountId == message.AccountId && row.Id == message.Id)
                .ExecuteUpdateAsync(row => row
                    .SetProperty(it => it.Content, moment.Text)
                    .SetProperty(it => it.State, moment.State)
                    .SetProperty(it => it.CostNano, cost)
                    .SetProperty(it => it.GenerationId, moment.GenerationId)
                    .SetProperty(it => it.Error, moment.Error), CancellationToken.None);
        }
        catch (Exception problem) when (problem is DbException or TimeoutException or InvalidOperationException)
        {
            // The reader has the text; only coming back to it fails.
            Failed(_log, problem, message.Id);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The reply {MessageId} could not be finished")]
    private static partial void Failed(ILogger log, Exception problem, Guid messageId);
}
