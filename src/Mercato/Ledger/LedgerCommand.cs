namespace Mercato.Ledger;

/// <summary>Work for the writer: which rows it looks at, and what it does to them.</summary>
internal abstract class LedgerCommand
{
    /// <summary>When the caller stops waiting. Commands that must not be lost have none.</summary>
    public long? GivesUpAt { get; init; }

    public required Action<BookKeys> Look { get; init; }

    /// <summary>Applies the command to the book; the outcome is kept until the batch is durable.</summary>
    public abstract void Apply(Book book);

    /// <summary>The batch is durable: hands the outcome out.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception problem);
}

internal sealed class LedgerCommand<T>(Func<Book, T> apply) : LedgerCommand
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _outcome = default!;

    public Task<T> Done => _done.Task;

    public override void Apply(Book book) => _outcome = apply(book);

    public override void Complete() => _done.TrySetResult(_outcome);

    public override void Fail(Exception problem) => _done.TrySetException(problem);
}

/// <summary>The database did not take a command in time.</summary>
internal sealed class LedgerUnavailableException(Exception cause)
    : Exception("The database does not take ledger writes.", cause);
