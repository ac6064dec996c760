using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>An append-only record of calls. Safe to read and wait on from any thread.</summary>
public sealed class Journal : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<Recording> recordings = [];
    private readonly StreamWriter? file;
    private TaskCompletionSource? changed;

    internal Journal(FakeUpstreamOptions options) =>
        file = options.JournalFile is { } path ? new StreamWriter(path, append: true) { AutoFlush = true } : null;

    /// <summary>All calls so far, oldest first.</summary>
    public IReadOnlyList<Call> Calls
    {
        get
        {
            lock (gate)
            {
                return [.. recordings.Select(recording => recording.Call)];
            }
        }
    }

    /// <summary>
    /// Waits until the calls satisfy the predicate, and returns them. It is asked at each change; changes close
    /// together are seen as one.
    /// </summary>
    public async Task<IReadOnlyList<Call>> WaitForAsync(
        Func<IReadOnlyList<Call>, bool> predicate, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                change = changed.Task;
            }

            var calls = Calls;
            if (predicate(calls))
            {
                return calls;
            }

            await change.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits for the first call that satisfies the predicate.</summary>
    public async Task<Call> WaitForCallAsync(Func<Call, bool> predicate, CancellationToken cancellationToken) =>
        (await WaitForAsync(calls => calls.Any(predicate), cancellationToken)).First(predicate);

    /// <summary>Waits until <paramref name="count"/> calls have ended.</summary>
    public Task<IReadOnlyList<Call>> WaitForEndedAsync(int count, CancellationToken cancellationToken) =>
        WaitForAsync(calls => calls.Count(call => call.Ending != Ending.Running) >= count, cancellationToken);

    public void Dispose() => file?.Dispose();

    internal JsonNode ToJson() => JsonSerializer.SerializeToNode(Calls, Json.Options)!;

    internal void Clear() => Change(recordings.Clear);

    internal Recording Begin(Func<long, Call> first)
    {
        Recording recording = null!;
        Change(() => recordings.Add(recording = new Recording(this, first(recordings.Count + 1))));
        return recording;
    }

    internal void Change(Action change)
    {
        lock (gate)
        {
            change();
            changed?.TrySetResult();
            changed = null;
        }
    }

    internal void Append(Call call) => file?.WriteLine(JsonSerializer.Serialize(call, Json.Options));
}

/// <summary>The pen for one call's record.</summary>
internal sealed class Recording(Journal journal, Call first)
{
    public Call Call { get; private set; } = first;

    public void Note(Func<Call, Call> next) => journal.Change(() => Call = next(Call));

    public void End(Ending ending, DateTimeOffset at) => journal.Change(() =>
    {
        Call = Call with { Ending = ending, EndedAt = at };
        journal.Append(Call);
    });
}
