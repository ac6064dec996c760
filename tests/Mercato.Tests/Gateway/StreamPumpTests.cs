using System.Text;
using Mercato.Accounts;
using Mercato.Gateway;
using Mercato.Providers;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;
using Microsoft.Extensions.Options;

namespace Mercato.Tests.Gateway;

/// <summary>Moments of a stream that a provider on a socket can't be made to hit.</summary>
public sealed class StreamPumpTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);

    private static readonly IClientDialect Chat = OpenAiChatDialect.Instance;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CallerLeavesDuringAKeepAlive_ReadIsOverBeforeItsBufferGoes()
    {
        var body = new SlowToStop();
        using var sink = new Ear { Leaves = true };

        var result = await PumpAsync(body, sink, new GatewayOptions { KeepAlive = Soon });

        result.End.ShouldBe(AnswerEnd.CallerLeft);
        body.IsReading.ShouldBeFalse();
        body.WasReadingAtItsEnd.ShouldBeFalse();
    }

    [Fact]
    public async Task NothingButHeartbeats_GivenUpAndTheCallerWasKept()
    {
        using var sink = new Ear();

        var result = await PumpAsync(new Endless(": thinking\n\n", Soon), sink, new GatewayOptions
        {
            KeepAlive = 3 * Soon,
            OnlyHeartbeats = 15 * Soon,
        });

        result.Error!.Kind.ShouldBe(UpstreamErrorKind.Timeout);
        // Each heartbeat came in time to put the next keep-alive off, and it must not.
        sink.Text.ShouldStartWith(Encoding.UTF8.GetString(Chat.KeepAliveFrame.Span));
        sink.Text.ShouldNotContain("thinking");
    }

    [Theory]
    [InlineData(": ")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"")]
    public async Task AnswerWithoutEnd_GivenUpBeforeMemoryFills(string start)
    {
        var end = start == ": " ? "\n\n" : "\"}}]}\n\n";

        using var sink = new Ear();
        var result = await PumpAsync(
            new Endless(start + new string('x', 1 << 20) + end, TimeSpan.Zero), sink, new GatewayOptions());

        result.Error!.Kind.ShouldBe(UpstreamErrorKind.BrokenStream);
    }

    private static async Task<PumpResult> PumpAsync(Stream body, Ear sink, GatewayOptions options)
    {
        var facts = Chat.ReadRequest(Encoding.UTF8.GetBytes(
            """{"model":"m","stream":true,"messages":[{"role":"user","content":"Say something."}]}""")).Facts!;
        var host = new UpstreamHost(
            new Provider("lab", "lab", "http://127.0.0.1:1", Dialect.OpenAiChat), null, AllowPrivate: true, IsWildcard: true);
        var caller = new Caller(CredentialKind.ApiKey, Guid.NewGuid(), Guid.NewGuid(), IsAdmin: false, ExpiresAt: null);
        var call = new GatewayCall(caller, Chat, facts, sink)
        {
            Candidate = new Candidate("lab/m", host, "m", null, null, null, null, "only offer"),
            Relay = Chat.RelayStream(new AnswerHead("gen-1", "m", 1), showsUsage: true),
        };
        var pump = new StreamPump(Options.Create(options), new Settling(null!, TimeProvider.System), TimeProvider.System);
        using var answer = new HttpResponseMessage { Content = new StreamContent(body) };
        return await pump.RunAsync(call, answer, sink.Gone).WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    /// <summary>A caller that listens, or goes away at the first flush.</summary>
    private sealed class Ear : IAnswerSink, IDisposable
    {
        private readonly CancellationTokenSource _gone = new();
        private readonly StringBuilder _heard = new();

        public bool Leaves { get; init; }

        public void Dispose() => _gone.Dispose();

        public string Text => _heard.ToString();

        public CancellationToken Gone => _gone.Token;

        public bool HasStarted { get; private set; }

        public void SetHeader(string name, string value)
        {
            // The test is about the body.
        }

        public void Start(int status, string contentType) => HasStarted = true;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            _heard.Append(Encoding.UTF8.GetString(bytes.Span[..Math.Min(bytes.Length, 100)]));
            return ValueTask.CompletedTask;
        }

        public async ValueTask FlushAsync()
        {
            if (Leaves)
            {
                await _gone.CancelAsync();
                Gone.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Sends the same bytes for ever.</summary>
    private sealed class Endless(string text, TimeSpan pace) : OneWay
    {
        private readonly byte[] _bytes = Encoding.UTF8.GetBytes(text);
        private int _place;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(pace, cancellationToken);
            var count = Math.Min(buffer.Length, _bytes.Length - _place);
            _bytes.AsMemory(_place, count).CopyTo(buffer);
            _place = (_place + count) % _bytes.Length;
            return count;
        }
    }

    /// <summary>Never answers, and takes a moment to let go of the buffer, as a socket may.</summary>
    private sealed class SlowToStop : OneWay
    {
        public bool IsReading { get; private set; }

        public bool WasReadingAtItsEnd { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            IsReading = true;
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(5 * Soon, CancellationToken.None);
            IsReading = false;
            throw new OperationCanceledException(cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            WasReadingAtItsEnd |= IsReading;
            base.Dispose(disposing);
        }
    }

    private abstract class OneWay : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
            // Nothing is written.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
