using System.Globalization;
using System.Runtime.InteropServices;
using Mercato.Fake;

// dotnet run --project tests/Mercato.FakeUpstream -- --port 9900 [--journal file.jsonl] [--key secret]
//                                                    [--alias "model=script"]... [--no-bodies]
var options = new FakeUpstreamOptions { Port = 9900 };
var aliases = new List<(string Model, string Script)>();
for (var i = 0; i < args.Length; i++)
{
    string Value() => ++i < args.Length ? args[i] : throw new ArgumentException($"{args[^1]} needs a value.");
    switch (args[i])
    {
        case "--port": options = options with { Port = int.Parse(Value(), CultureInfo.InvariantCulture) }; break;
        case "--journal": options = options with { JournalFile = Value() }; break;
        case "--key": options = options with { ApiKey = Value() }; break;
        case "--no-bodies": options = options with { KeepBodies = false }; break;
        case "--alias":
            var pair = Value().Split('=', 2);
            aliases.Add((pair[0], pair[^1]));
            break;
        default:
            Console.WriteLine("--port 9900 --journal file.jsonl --key secret --alias model=script --no-bodies");
            Console.WriteLine("A model name is a script: mode;term;term=value\n");
            foreach (var (name, takes, meaning) in FakeUpstream.ListWords())
            {
                Console.WriteLine($"  {name + takes,-28} {meaning}");
            }

            return;
    }
}

await using var upstream = await FakeUpstream.StartAsync(options);
aliases.ForEach(alias => upstream.Alias(alias.Model, alias.Script));

var key = options.ApiKey ?? "fake-key";
Console.WriteLine($$"""
    Fake upstream at {{upstream.Address}}; its journal is at {{new Uri(upstream.Address, "/_journal")}}

      curl {{upstream.Address}}/chat/completions -H "authorization: Bearer {{key}}" \
        -d '{"model":"fake-ok;out=12","messages":[{"role":"user","content":"Hello"}]}'

    Mercato in front of it (models of the catalog need a script: start this with -- --alias '*=fake-ok;in=20;out=12'):
      Mercato__Providers__openai__BaseUrl={{upstream.Address}} Mercato__Providers__openai__AllowPrivate=true \
        OPENAI_API_KEY={{key}} dotnet run --project src/Mercato
    or, as administrator, POST to /api/v1/admin/providers
      {"id":"fake","name":"Fake","dialect":"openai-chat","base_url":"{{upstream.Address}}","api_key":"{{key}}",
       "allow_private":true,"wildcard_models":true,"default_price":{"prompt":"0.000001","completion":"0.000002"} }
    and call fake/fake-echo. Scripts: --help, or README.md in this folder.
    """);

var stopped = new TaskCompletionSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
await stopped.Task;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopped.TrySetResult();
}
