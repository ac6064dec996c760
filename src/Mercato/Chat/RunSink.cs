using System.Text;
using System.Text.Json;
using Mercato.Gateway;
using Mercato.Wire;

namespace Mercato.Chat;

/// <summary>Takes the gateway's answer for a run: the same bytes that a client over HTTP would get.</summary>
internal sealed class RunSink(ChatRun run) : IAnswerSink, IDisposable
{
    private readonly EventStreamReader _events = EventStreamReader.ForEvents();
    private readonly MemoryStream _refusal = new();
    private bool _isRefused;

    public CancellationToken Gone => run.Stopping;

    public bool HasStarted { get; private set; }

    /// <summary>Why there is no whole answer, in words for a person; null when nothing went wrong.</summary>
    public string? Error { get; private set; }

    /// <summary>What headers say, the page knows from the call itself.</summary>
    public void SetHeader(string name, string value)
    {
    }

    public void Start(int status, string contentType)
    {
        HasStarted = true;
        _isRefused = status >= StatusCodes.Status400BadRequest;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_isRefused)
        {
            _refusal.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }

        _events.Push(bytes.Span);
        while (_events.TryRead(out var frame))
        {
            if (frame.HasData && frame.Data.Length > 0 && frame.Data.Span[0] == '{')
            {
                Read(frame.Data);
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask FlushAsync()
    {
        if (_isRefused && _refusal.Length > 0)
        {
            Read(_refusal.ToArray());
            Error ??= "The call was refused: " + Encoding.UTF8.GetString(_refusal.ToArray());
        }

        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        _events.Dispose();
        _refusal.Dispose();
    }

    private void Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            && error.TryGetProperty("message", out var message))
        {
            Error = message.ValueKind == JsonValueKind.String ? message.ReadText() : null;
        }

        if (root.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array
            && choices.GetArrayLength() > 0 && choices[0].ValueKind == JsonValueKind.Object
            && choices[0].TryGetProperty("delta", out var delta)
            && delta.ValueKind == JsonValueKind.Object && delta.TryGetProperty("content", out var content)
            && content.ValueKind == JsonValueKind.String && content.ReadText() is { Length: > 0 } text)
        {
            // PostgreSQL keeps no NUL in text, and no reader would see one.
            run.Append(text.Replace("\0", "", StringComparison.Ordinal));
        }
    }
}
