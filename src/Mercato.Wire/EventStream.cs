using System.Buffers;

namespace Mercato.Wire;

/// <summary>Why an event stream can't be read further.</summary>
public enum EventStreamFault
{
    /// <summary>Nothing is wrong.</summary>
    None,
    /// <summary>A frame grew over the reader's limit before it ended.</summary>
    FrameTooLarge
}

/// <summary>
/// An incremental reader of server-sent events (WHATWG HTML, 9.2.6) or of NDJSON. Bytes go in as they arrive, frames
/// come out; how the bytes were cut makes no difference. Bounded, linear in the input, without strings; not
/// thread-safe. Dispose it, because its buffer is pooled.
/// </summary>
public sealed class EventStreamReader : IDisposable
{
    /// <summary>16 MiB of payload and some slack for field names.</summary>
    public const int DefaultMaxFrameBytes = 16 * 1024 * 1024 + 64 * 1024;

    /// <summary>Larger buffers grow faster and are left to the collector: each thread would keep a pool of its own.</summary>
    private const int MaxPooled = 1024 * 1024;

    private readonly int _maxFrameBytes;
    private readonly bool _isLines;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(8 * 1024);
    private ArrayBufferWriter<byte>? _joined;
    private int _frameStart;
    private int _lineStart;
    private int _scanned;
    private int _end;
    private bool _isFirstLine = true;
    private bool _isCompleted;
    private bool _isDisposed;
    private FrameFields _fields;

    private EventStreamReader(int maxFrameBytes, bool isLines) => (_maxFrameBytes, _isLines) = (maxFrameBytes, isLines);

    /// <summary>What stopped the reader, if anything; it then yields no more frames and keeps no more bytes.</summary>
    public EventStreamFault Fault { get; private set; }

    /// <summary>Bytes moved inside the buffer so far; tests hold it against the input to see that time is
    /// linear.</summary>
    internal long BytesMoved { get; private set; }

    /// <summary>A reader of server-sent events.</summary>
    /// <param name="maxFrameBytes">The largest frame in bytes, blank line included.</param>
    public static EventStreamReader ForEvents(int maxFrameBytes = DefaultMaxFrameBytes) => new(maxFrameBytes, false);

    /// <summary>A reader of lines of JSON, each a frame.</summary>
    /// <param name="maxFrameBytes">The longest line in bytes.</param>
    public static EventStreamReader ForLines(int maxFrameBytes = DefaultMaxFrameBytes) => new(maxFrameBytes, true);

    /// <summary>Room to read bytes into; follow with <see cref="Advance"/>. Invalidates frames given out
    /// before.</summary>
    public Memory<byte> GetMemory(int sizeHint = 4096)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Fault != EventStreamFault.None)
        {
            (_frameStart, _lineStart, _scanned, _end) = (0, 0, 0, 0);
        }

        if (_buffer.Length - _end < sizeHint)
        {
            MakeRoom(sizeHint);
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>Takes in the bytes just read into <see cref="GetMemory"/>.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _end);
        _end += Fault == EventStreamFault.None ? count : 0;
    }

    /// <summary>Takes in bytes by copying them. Invalidates frames given out before.</summary>
    public void Push(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetMemory(bytes.Length).Span);
        Advance(bytes.Length);
    }

    /// <summary>Says that no more bytes will come; a frame without its end is then given out as it is.</summary>
    public void Complete() => _isCompleted = true;

    /// <summary>The next frame, or false when more bytes are needed, the stream is over, or there is a fault.</summary>
    public bool TryRead(out EventFrame frame)
    {
        frame = default;
        while (Fault == EventStreamFault.None)
        {
            if (!TryReadLine(out var lineEnd))
            {
                return TryReadRest(out frame);
            }

            var line = _buffer.AsSpan(_lineStart, lineEnd - _lineStart);
            var isEnd = _isLines || line.IsEmpty;
            TakeLine(line);
            _lineStart = _scanned;
            if (_scanned - _frameStart > _maxFrameBytes)
            {
                Fault = EventStreamFault.FrameTooLarge;
            }
            else if (isEnd)
            {
                frame = TakeFrame(isComplete: true);
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives the buffer back to the pool.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            Return();
            _buffer = [];
        }
    }

    private bool TryReadLine(out int lineEnd)
    {
        lineEnd = 0;
        var found = _buffer.AsSpan(_scanned, _end - _scanned).IndexOfAny((byte)'\r', (byte)'\n');
        if (found < 0)
        {
            _scanned = _end;
            return false;
        }

        lineEnd = _scanned + found;
        if (_buffer[lineEnd] == '\n')
        {
            _scanned = lineEnd + 1;
            return true;
        }

        // A CR may be half of a CRLF: with no byte behind it yet, the line's end is not known.
        if (lineEnd + 1 == _end && !_isCompleted)
        {
            _scanned = lineEnd;
            return false;
        }

        _scanned = lineEnd + 1 < _end && _buffer[lineEnd + 1] == '\n' ? lineEnd + 2 : lineEnd + 1;
        return true;
    }

    private bool TryReadRest(out EventFrame frame)
    {
        frame = default;
        if (_end - _frameStart > _maxFrameBytes)
        {
            Fault = EventStreamFault.FrameTooLarge;
            return false;
        }

        if (!_isCompleted || _frameStart == _end)
        {
            return false;
        }

        TakeLine(_buffer.AsSpan(_lineStart, _end - _lineStart));
        _lineStart = _scanned = _end;
        frame = TakeFrame(isComplete: false);
        return true;
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        var start = _lineStart;
        if (_isFirstLine && line.StartsWith("\uFEFF"u8))
        {
            line = line[3..];
            start += 3;
        }

        _isFirstLine = false;
        if (_isLines)
        {
            _fields.AddData(start, line.Length);
            return;
        }

        var colon = line.IndexOf((byte)':');
        var name = colon < 0 ? line : line[..colon];
        var valueStart = colon < 0 ? line.Length : colon + 1;
        valueStart += valueStart < line.Length && line[valueStart] == ' ' ? 1 : 0;
        if (name.SequenceEqual("data"u8))
        {
            JoinData(line[valueStart..], start + valueStart);
        }
        else if (name.SequenceEqual("event"u8))
        {
            (_fields.EventStart, _fields.EventLength) = (start + valueStart, line.Length - valueStart);
        }
    }

    private void JoinData(ReadOnlySpan<byte> value, int start)
    {
        if (_fields.DataLines == 0)
        {
            _fields.AddData(start, value.Length);
            return;
        }

        // One data line is the rule; only from the second on is anything copied.
        _joined ??= new ArrayBufferWriter<byte>();
        if (_fields.DataLines == 1)
        {
            _joined.ResetWrittenCount();
            _joined.Write(_buffer.AsSpan(_fields.DataStart, _fields.DataLength));
        }

        _joined.Write("\n"u8);
        _joined.Write(value);
        _fields.DataLines++;
    }

    private EventFrame TakeFrame(bool isComplete)
    {
        var fields = _fields;
        var frame = new EventFrame(
            _buffer.AsMemory(_frameStart, _scanned - _frameStart),
            _buffer.AsMemory(fields.EventStart, fields.EventLength),
            fields.DataLines > 1 ? _joined!.WrittenMemory : _buffer.AsMemory(fields.DataStart, fields.DataLength),
            _isLines ? fields.DataLength > 0 : fields.DataLines > 0,
            isComplete);
        _fields = default;
        _frameStart = _scanned;
        return frame;
    }

    private void MakeRoom(int sizeHint)
    {
        var kept = _end - _frameStart;
        var target = _buffer;
        // Moving at most half of the buffer each time keeps the whole linear; otherwise it doubles.
        if (kept > _buffer.Length / 2 || _buffer.Length - kept < sizeHint)
        {
            target = Rent(kept + sizeHint);
        }

        Buffer.BlockCopy(_buffer, _frameStart, target, 0, kept);
        BytesMoved += kept;
        if (!ReferenceEquals(target, _buffer))
        {
            Return();
            _buffer = target;
        }

        var shift = _frameStart;
        _fields.Shift(shift);
        (_frameStart, _lineStart, _scanned, _end) = (0, _lineStart - shift, _scanned - shift, kept);
    }

    private byte[] Rent(int least)
    {
        var doubled = Math.Max(_buffer.Length * 2, least);
        return doubled <= MaxPooled
            ? ArrayPool<byte>.Shared.Rent(doubled)
            : GC.AllocateUninitializedArray<byte>(Math.Max(least, Math.Min(_buffer.Length * 4, _maxFrameBytes + (MaxPooled / 4))));
    }

    private void Return()
    {
        if (_buffer.Length <= MaxPooled)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }

    private struct FrameFields
    {
        public int EventStart;
        public int EventLength;
        public int DataStart;
        public int DataLength;
        public int DataLines;

        public void AddData(int start, int length) => (DataStart, DataLength, DataLines) = (start, length, 1);

        public void Shift(int shift)
        {
            EventStart = Math.Max(0, EventStart - shift);
            DataStart = Math.Max(0, DataStart - shift);
        }
    }
}

/// <summary>Frames bytes as server-sent events.</summary>
public static class EventStreamWriter
{
    /// <summary>Writes one event: an optional name, a <c>data:</c> line for each line of the data, a blank
    /// line.</summary>
    public static void WriteEvent(
        IBufferWriter<byte> output, ReadOnlySpan<byte> data, ReadOnlySpan<byte> eventName = default)
    {
        if (!eventName.IsEmpty)
        {
            output.Write("event: "u8);
            output.Write(eventName);
            output.Write("\n"u8);
        }

        while (true)
        {
            var end = data.IndexOfAny((byte)'\r', (byte)'\n');
            output.Write("data: "u8);
            output.Write(end < 0 ? data : data[..end]);
            output.Write("\n"u8);
            if (end < 0)
            {
                break;
            }

            data = data[end..] is [(byte)'\r', (byte)'\n', ..] ? data[(end + 2)..] : data[(end + 1)..];
        }

        output.Write("\n"u8);
    }

    /// <summary>One event as bytes.</summary>
    public static byte[] ToEvent(ReadOnlySpan<byte> data, ReadOnlySpan<byte> eventName = default)
    {
        var output = new ArrayBufferWriter<byte>(data.Length + eventName.Length + 32);
        WriteEvent(output, data, eventName);
        return output.WrittenSpan.ToArray();
    }
}
