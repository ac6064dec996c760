using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Mercato.Ledger;

namespace Mercato.Chat;

public sealed record BlockEvent(int Index, string Html, bool Closed);

/// <param name="CostUsd">What the reply cost, exactly.</param>
/// <param name="GenerationId">The call, for the link to its bill.</param>
/// <param name="AvailableUsd">What the account can spend now.</param>
public sealed record CostEvent(Money CostUsd, string? GenerationId, Money AvailableUsd);

public sealed record DoneEvent(Guid MessageId, string? GenerationId);

public sealed record ErrorEvent(string Message);

/// <summary>
/// A reply as server-sent events: closed blocks once, the last open block again whenever it grows. An event's id says
/// where reading can begin again, so a reader who lost the connection misses nothing.
/// </summary>
internal static class ReplyStream
{
    public static async IAsyncEnumerable<SseItem<object>> ReadAsync(
        ChatRun run, Message message, string? lastEventId, Func<Task<Money>> readAvailable,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (index, offset) = PlaceOf(lastEventId);
        var shown = "";
        while (true)
        {
            var (moment, changed) = run.Read();
            offset = Math.Min(offset, moment.Text.Length);
            foreach (var block in MarkdownText.Blocks(moment.Text, index, offset, moment.IsOver))
            {
                (index, offset) = block.Closed ? (block.Index + 1, block.End) : (block.Index, block.Start);
                if (block.Closed || block.Html != shown)
                {
                    yield return Item("block", new BlockEvent(block.Index, block.Html, block.Closed), index, offset);
                }

                shown = block.Closed ? "" : block.Html;
            }

            if (moment.IsOver)
            {
                foreach (var item in await EndAsync(message, moment, readAvailable))
                {
                    yield return item;
                }

                yield break;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The same for a reply that was written before.</summary>
    public static async IAsyncEnumerable<SseItem<object>> ReadStoredAsync(
        Message message, string? lastEventId, Func<Task<Money>> readAvailable)
    {
        var (index, offset) = PlaceOf(lastEventId);
        foreach (var block in MarkdownText.Blocks(message.Content, index, Math.Min(offset, message.Content.Length), isWhole: true))
        {
            yield return Item("block", new BlockEvent(block.Index, block.Html, true), block.Index + 1, block.End);
        }

        var error = message.State == MessageState.Running
            ? "Nobody writes this reply any more; the server was started again meanwhile. Ask again."
            : message.Error;
        var moment = new RunMoment("", true, message.State, message.Cost, message.GenerationId, error);
        foreach (var item in await EndAsync(message, moment, readAvailable))
        {
            yield return item;
        }
    }

    private static async Task<List<SseItem<object>>> EndAsync(
        Message message, RunMoment moment, Func<Task<Money>> readAvailable)
    {
        var items = new List<SseItem<object>>();
        if (moment.Cost is { } cost)
        {
            items.Add(new SseItem<object>(new CostEvent(cost, moment.GenerationId, await readAvailable()), "cost"));
        }

        items.Add(moment.Error is { } error
            ? new SseItem<object>(new ErrorEvent(error), "error")
            : new SseItem<object>(new DoneEvent(message.Id, moment.GenerationId), "done"));
        return items;
    }

    private static SseItem<object> Item(string type, object data, int index, int offset) =>
        new(data, type) { EventId = $"{index}.{offset}" };

    private static (int Index, int Offset) PlaceOf(string? id) =>
        id?.Split('.') is [var index, var offset] && int.TryParse(index, out var block) && block is >= 0
        && int.TryParse(offset, out var place) && place >= 0
            ? (block, place)
            : (0, 0);
}
