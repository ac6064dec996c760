using System.Data.Common;
using Mercato.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Hosting;

/// <summary>Work that repeats. One node runs it at a time.</summary>
/// <param name="Name">Stable name: the key of its row.</param>
/// <param name="Every">Time between two starts.</param>
/// <param name="RunAsync">The work; it must be safe to repeat.</param>
public sealed record Job(string Name, TimeSpan Every, Func<IServiceProvider, CancellationToken, Task> RunAsync);

/// <summary>When a job ran last, and the lease of the node that runs it.</summary>
public sealed class JobRow
{
    public required string Name { get; init; }

    public DateTimeOffset LeaseEndsAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public string? LastError { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<JobRow>
    {
        public void Configure(EntityTypeBuilder<JobRow> entity)
        {
            entity.ToTable("jobs");
            entity.HasKey(job => job.Name);
        }
    }
}

/// <summary>Runs every registered <see cref="Job"/>; a lease in its row keeps other nodes off.</summary>
internal sealed partial class Jobs(
    IEnumerable<Job> jobs, IServiceScopeFactory scopes, TimeProvider time, ILogger<Jobs> log) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var job in jobs)
            {
                await TryRunAsync(job, stoppingToken);
            }
        }
    }

    private async Task TryRunAsync(Job job, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        try
        {
            if (!await TakeLeaseAsync(context, job, cancellationToken))
            {
                return;
            }

            var error = await RunAsync(job, scope.ServiceProvider, cancellationToken);
            var now = time.GetUtcNow();
            await context.Set<JobRow>().Where(row => row.Name == job.Name).ExecuteUpdateAsync(row => row
                .SetProperty(it => it.FinishedAt, now)
                .SetProperty(it => it.LeaseEndsAt, now)
                .SetProperty(it => it.LastError, error), cancellationToken);
        }
        catch (Exception problem) when (problem is DbException or TimeoutException or InvalidOperationException)
        {
            Failed(log, problem, job.Name);
        }
    }

    private async Task<bool> TakeLeaseAsync(MercatoContext context, Job job, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var due = now - job.Every;
        await context.Database.ExecuteSqlAsync(
            $"INSERT INTO jobs (name, lease_ends_at) VALUES ({job.Name}, 0) ON CONFLICT (name) DO NOTHING",
            cancellationToken);
        var taken = await context.Set<JobRow>()
            .Where(row => row.Name == job.Name && row.LeaseEndsAt <= now
                && (row.StartedAt == null || row.StartedAt <= due))
            .ExecuteUpdateAsync(row => row
                .SetProperty(it => it.StartedAt, now)
                .SetProperty(it => it.LeaseEndsAt, now + Lease), cancellationToken);
        return taken == 1;
    }

    private async Task<string?> RunAsync(Job job, IServiceProvider services, CancellationToken cancellationToken)
    {
        try
        {
            await job.RunAsync(services, cancellationToken);
            return null;
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            Failed(log, problem, job.Name);
            return problem.Message;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Name} failed; it will run again when due")]
    private static partial void Failed(ILogger log, Exception problem, string name);
}
