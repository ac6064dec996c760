using Mercato.Accounts;
using Mercato.Data;
using Mercato.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Chat;

public sealed record StartConversation(string? Model, string? Title);

public sealed record ChangeConversation(string? Title, string? Model);

public sealed record SendMessage(string? Content, string? Model);

/// <summary>What a sent message led to: the reply that is being written.</summary>
public sealed record Sent(Guid MessageId, Guid UserMessageId);

/// <summary>The signed-in account's conversations, for the API and for the chat page.</summary>
public sealed class Conversations(MercatoContext context, CurrentAccount account, ChatRuns runs, TimeProvider time)
{
    public const string Untitled = "New conversation";

    private const int LongestTitle = 80, LongestModel = 200, LongestContent = 200_000, MostHistory = 200;

    private static readonly Refusal StillRunning = new(409, "still-running",
        "The last reply is still being written. Wait for it, or stop it.");

    public Task<List<Conversation>> ListAsync(int limit, CancellationToken cancellationToken) =>
        Owned().AsNoTracking().OrderByDescending(row => row.UpdatedAt).Take(limit).ToListAsync(cancellationToken);

    public Task<Conversation?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        Owned().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);

    /// <summary>Its messages, oldest first.</summary>
    public Task<List<Message>> ListMessagesAsync(Guid id, CancellationToken cancellationToken)
    {
        var owner = account.AccountId;
        return context.Set<Message>().AsNoTracking()
            .Where(row => row.AccountId == owner && row.ConversationId == id)
            .OrderBy(row => row.CreatedAt).ThenBy(row => row.Role).ToListAsync(cancellationToken);
    }

    public Task<Message?> FindMessageAsync(Guid conversation, Guid id, CancellationToken cancellationToken)
    {
        var owner = account.AccountId;
        return context.Set<Message>().AsNoTracking().SingleOrDefaultAsync(
            row => row.AccountId == owner && row.ConversationId == conversation && row.Id == id, cancellationToken);
    }

    public async Task<Outcome<Conversation>> StartAsync(
        StartConversation request, CancellationToken cancellationToken)
    {
        if (request.Model is not { Length: > 0 and <= LongestModel })
        {
            return Refusal.Invalid("model", "Name the model to talk to, such as mercato/assistant.");
        }

        var now = time.GetUtcNow();
        var conversation = new Conversation
        {
            AccountId = account.AccountId,
            Id = Guid.CreateVersion7(now),
            Title = TitleOf(request.Title) ?? Untitled,
            Model = request.Model,
            CreatedAt = now,
            UpdatedAt = now,
        };
        context.Add(conversation);
        await context.SaveChangesAsync(cancellationToken);
        return conversation;
    }

    public async Task<Outcome<Conversation>> ChangeAsync(
        Guid id, ChangeConversation request, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { } conversation)
        {
            return Refusal.NotFound;
        }

        conversation.Title = TitleOf(request.Title) ?? conversation.Title;
        conversation.Model = request.Model is { Length: > 0 and <= LongestModel } model ? model : conversation.Model;
        await context.SaveChangesAsync(cancellationToken);
        return conversation;
    }

    public async Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken) =>
        await Owned().Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) == 1;

    /// <summary>Stores what the person wrote and starts the reply; the answer does not wait for it.</summary>
    public async Task<Outcome<Sent>> SendAsync(Guid id, SendMessage request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Content) || request.Content.Length > LongestContent)
        {
            return Refusal.Invalid("content", $"Write a message of at most {LongestContent:N0} characters.");
        }

        if (await FindAsync(id, cancellationToken) is not { } conversation)
        {
            return Refusal.NotFound;
        }

        var earlier = await ListMessagesAsync(id, cancellationToken);
        if (earlier.Any(message => message.State == MessageState.Running
            && runs.Find(account.AccountId, message.Id) is not null))
        {
            return StillRunning;
        }

        conversation.Model = request.Model is { Length: > 0 and <= LongestModel } model ? model : conversation.Model;
        conversation.Title = conversation.Title == Untitled ? TitleOf(request.Content) ?? Untitled : conversation.Title;
        conversation.UpdatedAt = time.GetUtcNow();
        var words = New(conversation, MessageRole.User, request.Content, MessageState.Done);
        var reply = New(conversation, MessageRole.Assistant, "", MessageState.Running);
        context.AddRange(words, reply);
        await context.SaveChangesAsync(cancellationToken);
        runs.Start(account.Require(), reply,
            [.. earlier.Where(message => message.Content.Length > 0).TakeLast(MostHistory), words]);
        return new Sent(reply.Id, words.Id);
    }

    private static Message New(
        Conversation conversation, MessageRole role, string content, MessageState state) => new()
    {
        AccountId = conversation.AccountId,
        Id = Guid.CreateVersion7(),
        ConversationId = conversation.Id,
        Role = role,
        Content = content,
        State = state,
        Model = role == MessageRole.Assistant ? conversation.Model : null,
        // The reply stands after the words that asked for it, whatever the clock does between the two.
        CreatedAt = conversation.UpdatedAt + (role == MessageRole.Assistant ? TimeSpan.FromMicroseconds(1) : default),
    };

    private static string? TitleOf(string? text)
    {
        var line = text?.Trim().Split('\n')[0].Trim();
        if (line is null or { Length: 0 or <= LongestTitle })
        {
            return string.IsNullOrEmpty(line) ? null : line;
        }

        // Half of a letter that takes two characters is no text.
        var end = LongestTitle - (char.IsHighSurrogate(line[LongestTitle - 2]) ? 2 : 1);
        return line[..end] + "…";
    }

    // Ownership stands in the query itself, so somebody else's conversation is simply not found.
    private IQueryable<Conversation> Owned()
    {
        var owner = account.AccountId;
        return context.Set<Conversation>().Where(row => row.AccountId == owner);
    }
}
