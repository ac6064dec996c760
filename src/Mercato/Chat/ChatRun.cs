using System.Text;
using Mercato.Ledger;

namespace Mercato.Chat;

/// <summary>A reply at one moment.</summary>
/// <param name="Text">What has come so far.</param>
/// <param name="IsOver">Nothing more will come, and it is stored.</param>
/// <param name="State">How it stands, or how it ended.</param>
/// <param name="Cost">What it cost, once that is settled.</param>
/// <param name="GenerationId">The call that wrote it.</param>
/// <param name="Error">Why there is no whole reply.</param>
public sealed record RunMoment(
    string Text, bool IsOver, MessageState State, Money? Cost, string? GenerationId, string? Error);

/// <summary>
/// A reply while it is being written. It belongs to its message and not to a request: readers come, leave and come
/// back, and it goes on until it is whole or somebody stops it.
/// </summary>
public sealed class ChatRun : IDisposable
{
    private readonly Lock _lock = new();
    private const int MaxText = 4 << 20;

    private readonly StringBuilder _text = new();
    private readonly CancellationTokenSource _stop;
    private TaskCompletionSource _changed = NewSignal();
    private RunMoment _end = new("", false, MessageState.Running, null, null, null);

    internal ChatRun(CancellationToken shutdown) =>
        _stop = CancellationTokenSource.CreateLinkedTokenSource(shutdown);

    /// <summary>Cancelled when somebody stops the run, or the server stops.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>The reply now, and a task that ends with its next change.</summary>
    public (RunMoment Moment, Task Changed) Read()
    {
        lock (_lock)
        {
            return (_end with { Text = _text.ToString() }, _changed.Task);
        }
    }

    public void Stop() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();

    internal void Append(string text)
    {
        Change(() => _text.Append(text));
        if (_text.Length > MaxText)
        {
            // An upstream that never ends must not fill the memory; what came so far is kept and billed.
            Stop();
        }
    }

    internal void End(MessageState state, Money? cost, string? generationId, string? error) =>
        Change(() => _end = new RunMoment("", false, state, cost, generationId, error));

    internal void Close() => Change(() => _end = _end with { IsOver = true });

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            change();
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
