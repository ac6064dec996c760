using System.Buffers;

namespace Mercato.Gateway;

/// <summary>Where an answer goes: the caller's HTTP response, or a run of the chat page.</summary>
public interface IAnswerSink
{
    /// <summary>Cancelled when the reader of the answer has gone.</summary>
    CancellationToken Gone { get; }

    /// <summary>Whether the status has left; from then on a failure is told inside the answer.</summary>
    bool HasStarted { get; }

    /// <summary>Sets a header; only before the start.</summary>
    void SetHeader(string name, string value);

    /// <summary>Fixes status and type. The first write would do no less, but it cannot choose them.</summary>
    void Start(int status, string contentType);

    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Hands what was written to the reader; waits while the reader is slow.</summary>
    ValueTask FlushAsync();
}

/// <summary>Answers over HTTP.</summary>
internal sealed class HttpSink(HttpContext http) : IAnswerSink
{
    private const int MaxPiece = 256 * 1024;

    public CancellationToken Gone => http.RequestAborted;

    public bool HasStarted { get; private set; }

    public void SetHeader(string name, string value) => http.Response.Headers[name] = value;

    public void Start(int status, string contentType)
    {
        HasStarted = true;
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        if (contentType.StartsWith("text/event-stream", StringComparison.Ordinal))
        {
            http.Response.Headers.CacheControl = "no-cache";
            // A buffering proxy in front would turn the stream into one late piece.
            http.Response.Headers["X-Accel-Buffering"] = "no";
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        // Buffered by the pipe until the flush; one flush per read of the upstream. A large answer goes out in pieces,
        // or the pipe would hold all of it once more.
        while (bytes.Length > MaxPiece && HasStarted)
        {
            http.Response.BodyWriter.Write(bytes.Span[..MaxPiece]);
            bytes = bytes[MaxPiece..];
            await FlushAsync();
        }

        http.Response.BodyWriter.Write(bytes.Span);
    }

    public async ValueTask FlushAsync()
    {
        // A flush would start the response, and until an answer comes another offer may still take over.
        if (HasStarted)
        {
            await http.Response.BodyWriter.FlushAsync(Gone);
        }
    }
}
