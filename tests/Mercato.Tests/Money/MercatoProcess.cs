using System.Diagnostics;
using Mercato.Tests.Accounts;
using Mercato.Tests.Hosting;

namespace Mercato.Tests.Spending;

/// <summary>The product as a process of its own, so that it can be killed.</summary>
internal sealed class MercatoProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";
    private readonly Process _process;

    private MercatoProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>The memory that it holds, in bytes.</summary>
    public long Resident => ReadStatus("VmRSS:");

    /// <summary>The most that it has ever held.</summary>
    public long MostResident => ReadStatus("VmHWM:");

    /// <summary>Returns when it listens.</summary>
    public static async Task<MercatoProcess> StartAsync(TestDatabase database)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Mercato"))
        {
            WorkingDirectory = database.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Settings(database))
        {
            start.ArgumentList.Add($"--{name}={value}");
        }

        // Keys of real providers in the tester's environment are no business of this server.
        foreach (var name in start.Environment.Keys.Where(IsForeign).ToList())
        {
            start.Environment.Remove(name);
        }

        // It lives for a few seconds: measuring itself for better code would only slow its start.
        start.Environment["DOTNET_TieredPGO"] = "0";
        var listens = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.Exited += (_, _) => listens.TrySetException(
            new InvalidOperationException("The server ended before it listened: " + string.Join('\n', Said())));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new MercatoProcess(process, await listens.Task.WaitAsync(
            TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));

        void Hear(string? line)
        {
            lock (said)
            {
                said.Add(line ?? "");
            }

            if (line?.IndexOf(Listening, StringComparison.Ordinal) is { } at and >= 0)
            {
                listens.TrySetResult(new Uri(line[(at + Listening.Length)..].Trim()));
            }
        }

        List<string> Said()
        {
            lock (said)
            {
                return [.. said];
            }
        }
    }

    /// <summary>`kill -9`: nothing is flushed, nothing is said goodbye to.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private long ReadStatus(string name) =>
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] is var kibibytes
            ? long.Parse(kibibytes, System.Globalization.CultureInfo.InvariantCulture) * 1024
            : 0;

    private static Dictionary<string, string> Settings(TestDatabase database) => new()
    {
        ["urls"] = "http://127.0.0.1:0",
        ["ConnectionStrings:Mercato"] = database.ConnectionString,
        ["Mercato:DataDirectory"] = database.Folder,
        ["Mercato:MasterKeys:1"] = Convert.ToBase64String(new byte[32]),
        ["Mercato:Accounts:PasswordIterations"] = "1",
        ["MERCATO_ADMIN_EMAIL"] = MoneySettings.AdminEmail,
        ["MERCATO_ADMIN_PASSWORD"] = Person.Password,
        ["Logging:LogLevel:Default"] = "Warning",
        ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Information",
    };

    private static bool IsForeign(string name) =>
        name.EndsWith("_API_KEY", StringComparison.Ordinal) || name.EndsWith("_TOKEN", StringComparison.Ordinal)
        || name.StartsWith("Mercato", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal);
}
