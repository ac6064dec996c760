using Mercato.Data;
using Mercato.Hosting;
using Mercato.Tests.Gateway;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Hosting;

/// <summary>SQLite has one writer at a time; nobody who waits for the turn may be turned away.</summary>
public sealed class WriteTurnsTests(SqliteGateway app) : IClassFixture<SqliteGateway>
{
    /// <summary>SQLite itself turns a writer away after 5 seconds.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(6);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DatabaseHeldLongerThanTheBusyTimeout_WhoeverWaitsStillWrites()
    {
        var begun = new TaskCompletionSource();
        var holding = WriteAsync("holder", async () =>
        {
            begun.SetResult();
            // As a stalled disk does; nothing tells when the time of the others is up.
            await Task.Delay(Long, Token);
        });
        await begun.Task;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => WriteAsync("waiter-" + i)));

        await holding;
        (await CountAsync("waiter-")).ShouldBe(8);
        (await app.Customer.ChatAsync("lab/fake-ok;in=1;out=1")).Succeeded();
    }

    [Fact]
    public async Task WriterWhoBreaksOff_PassesTheTurnOn()
    {
        for (var i = 0; i < 3; i++)
        {
            await using var scope = app.Services.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
            await using var transaction = await context.Database.BeginTransactionAsync(Token);
            context.Add(new JobRow { Name = "broken" });
            await context.SaveChangesAsync(Token);
        }

        (await CountAsync("broken")).ShouldBe(0);
        await using var after = app.Services.CreateAsyncScope();
        // One statement alone, and one that fails.
        var jobs = after.ServiceProvider.GetRequiredService<MercatoContext>();
        await jobs.Set<JobRow>().Where(row => row.Name == "broken").ExecuteDeleteAsync(Token);
        await Should.ThrowAsync<Exception>(jobs.Database.ExecuteSqlRawAsync("DELETE FROM nothing_of_that_name", Token));
        await WriteAsync("last-0");
        (await CountAsync("last-")).ShouldBe(1);
    }

    [Fact]
    public async Task TransactionThatCannotBegin_LeavesTheTurnToOthers()
    {
        await using (var scope = app.Services.CreateAsyncScope())
        {
            var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
            using var gone = new CancellationTokenSource();
            await context.Database.OpenConnectionAsync(Token);
            await gone.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(context.Database.BeginTransactionAsync(gone.Token));
        }

        await using (var scope = app.Services.CreateAsyncScope())
        {
            // Somebody outside of the line, an operator's shell for instance, holds the file.
            await using var outsider = await app.Services.GetRequiredService<Database>().OpenAsync(Token);
            await using var held = await outsider.BeginTransactionAsync(Token);
            var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
            await Should.ThrowAsync<Microsoft.Data.Sqlite.SqliteException>(context.Database.BeginTransactionAsync(Token));
        }

        await using var next = await app.Services.GetRequiredService<Database>().OpenAsync(Token);
        var turns = app.Services.GetRequiredService<Database>().Turns!;
        await turns.TakeAsync(next, Timeout.InfiniteTimeSpan, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Token);
        turns.Release(next);
    }

    private async Task WriteAsync(string name, Func<Task>? hold = null)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        await using var transaction = await context.Database.BeginTransactionAsync(Token);
        context.Add(new JobRow { Name = name });
        await context.SaveChangesAsync(Token);
        if (hold is not null)
        {
            await hold();
        }

        await transaction.CommitAsync(Token);
    }

    private async Task<int> CountAsync(string prefix)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<MercatoContext>().Set<JobRow>()
            .CountAsync(row => row.Name.StartsWith(prefix), Token);
    }
}
