namespace Mercato.Data;

/// <summary>An immutable picture of some tables that requests read without asking the database.</summary>
public interface ISnapshot
{
    /// <summary>The topic that its writers bump.</summary>
    string Topic { get; }

    /// <summary>Reads the picture anew and swaps it whole.</summary>
    Task RefreshAsync(CancellationToken cancellationToken);
}

/// <summary>The picture of one topic; <see cref="Current"/> never changes under a reader's hands.</summary>
/// <param name="topic">The topic that its writers bump.</param>
/// <param name="scopes">A fresh context per load.</param>
/// <param name="load">Reads the whole picture.</param>
public sealed class Snapshot<T>(
    string topic, IServiceScopeFactory scopes, Func<IServiceProvider, CancellationToken, Task<T>> load)
    : ISnapshot, IDisposable
    where T : class
{
    private readonly SemaphoreSlim _oneLoad = new(1);
    private volatile T? _current;

    public string Topic => topic;

    public T Current => _current ?? throw new InvalidOperationException($"The snapshot '{topic}' is not loaded yet.");

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        // One load at a time: an older picture must not overwrite a newer one.
        await _oneLoad.WaitAsync(cancellationToken);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            _current = await load(scope.ServiceProvider, cancellationToken);
        }
        finally
        {
            _oneLoad.Release();
        }
    }

    public void Dispose() => _oneLoad.Dispose();
}
