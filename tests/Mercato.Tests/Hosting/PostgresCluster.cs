using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Mercato.Tests.Hosting;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresCluster))]

namespace Mercato.Tests.Hosting;

/// <summary>
/// A private PostgreSQL for this test run: its own folder and port, fsync on, thrown away at the end. A machine
/// without PostgreSQL fails the tests that need it; it does not skip them.
/// </summary>
public sealed class PostgresCluster : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "mercato-pg-" + Guid.NewGuid().ToString("N"));
    private readonly int _port = FreePort();
    private readonly string? _bin = FindBinaries();
    private readonly SemaphoreSlim _starting = new(1);
    private bool _started;

    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>A connection string to a database of this cluster; the cluster starts with the first call.</summary>
    public async Task<string> ConnectionStringAsync(string database)
    {
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (!_started)
            {
                await StartAsync();
                _started = true;
            }
        }
        finally
        {
            _starting.Release();
        }

        return $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database};Maximum Pool Size=20;"
            + "Include Error Detail=true";
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(await ConnectionStringAsync("postgres") + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_started)
        {
            await RunAsync("pg_ctl", $"-D {_folder}/data -m immediate -w stop");
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }

        _starting.Dispose();
    }

    private async Task StartAsync()
    {
        Directory.CreateDirectory(_folder);
        if (IsRoot)
        {
            // initdb refuses to run as root.
            await RunProcessAsync("chown", $"postgres {_folder}");
        }

        await RunAsync("initdb", $"-D {_folder}/data -U postgres --auth=trust --encoding=UTF8 --no-locale");
        await RunAsync("pg_ctl", $"-D {_folder}/data -w -l {_folder}/log -o \"-p {_port} -c listen_addresses=127.0.0.1 "
            + $"-c unix_socket_directories={_folder} -c max_connections=200 -c fsync=on\" start");
    }

    private Task RunAsync(string program, string arguments)
    {
        var path = Path.Combine(_bin ?? throw new InvalidOperationException(
            "PostgreSQL is not installed; ./test.sh installs it (Debian: apt-get install postgresql)."), program);
        return IsRoot
            ? RunProcessAsync("runuser", $"-u postgres -- {path} {arguments}")
            : RunProcessAsync(path, arguments);
    }

    private static async Task RunProcessAsync(string program, string arguments)
    {
        // Output goes to /dev/null and not to a pipe: the server that pg_ctl leaves running would hold it open.
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"cd / && {program} {arguments} >/dev/null 2>&1"]);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {arguments} ended with {process.ExitCode}.");
        }
    }

    private static string? FindBinaries() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(path => path)
                .Select(path => Path.Combine(path, "bin")).FirstOrDefault(path => File.Exists(path + "/initdb"))
            : null;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
