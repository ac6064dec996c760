using System.Buffers;

namespace Mercato.Gateway.Idempotency;

/// <summary>Passes an answer on and remembers it, also when its reader has gone.</summary>
internal sealed class RecordingSink(IAnswerSink reader, int limit) : IAnswerSink
{
    private readonly ArrayBufferWriter<byte> _body = new();

    public CancellationToken Gone => reader.Gone;

    public bool HasStarted => reader.HasStarted;

    public int? Status { get; private set; }

    public string? ContentType { get; private set; }

    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>Whether the answer is more than the limit; then only its beginning is here.</summary>
    public bool IsTooLarge => _body.WrittenCount > limit;

    /// <summary>The bytes so far.</summary>
    public ReadOnlySpan<byte> Body => _body.WrittenSpan;

    public void SetHeader(string name, string value)
    {
        Headers[name] = value;
        reader.SetHeader(name, value);
    }

    public void Start(int status, string contentType)
    {
        (Status, ContentType) = (status, contentType);
        reader.Start(status, contentType);
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        // One byte too many is enough to know that the answer is too large.
        var room = Math.Clamp(limit + 1 - _body.WrittenCount, 0, bytes.Length);
        _body.Write(bytes.Span[..room]);
        return reader.WriteAsync(bytes);
    }

    public ValueTask FlushAsync() => reader.FlushAsync();
}
