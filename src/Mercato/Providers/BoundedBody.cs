namespace Mercato.Providers;

/// <summary>Reads answers of hosts, which may be slow, endless or compressed to fool us, into bounded memory.</summary>
public static class BoundedBody
{
    /// <summary>The whole body, or null when it is larger than the limit.</summary>
    public static Task<byte[]?> ReadAsync(HttpResponseMessage answer, int limit, CancellationToken cancellationToken) =>
        ReadAsync(answer, limit, Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>The same; throws <see cref="TimeoutException"/> when nothing comes for longer than the silence allowed.</summary>
    public static async Task<byte[]?> ReadAsync(
        HttpResponseMessage answer, int limit, TimeSpan silence, CancellationToken cancellationToken)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var pieces = new Pieces();
        try
        {
            while (true)
            {
                idle.CancelAfter(silence);
                var read = await stream.ReadAsync(pieces.GetMemory(), idle.Token);
                if (read == 0)
                {
                    return pieces.ToArray();
                }

                if (pieces.Length + read > limit)
                {
                    return null;
                }

                pieces.Advance(read);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }

    /// <summary>A header of the answer, or null.</summary>
    public static string? Header(this HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values)
            ? values.FirstOrDefault()
            : null;

    /// <summary>Bytes in pieces small enough for the young generations: one array that doubles would leave twice its
    /// size behind among the large objects, where it stays long.</summary>
    private sealed class Pieces
    {
        private const int FirstSize = 16 * 1024, Size = 64 * 1024;

        private readonly List<byte[]> _full = [];
        private byte[] _last = new byte[FirstSize];
        private int _used;

        public int Length { get; private set; }

        public Memory<byte> GetMemory()
        {
            if (_used == _last.Length)
            {
                _full.Add(_last);
                (_last, _used) = (new byte[Size], 0);
            }

            return _last.AsMemory(_used);
        }

        public void Advance(int count)
        {
            _used += count;
            Length += count;
        }

        public byte[] ToArray()
        {
            var whole = new byte[Length];
            var place = 0;
            foreach (var piece in _full)
            {
                piece.CopyTo(whole, place);
                place += piece.Length;
            }

            _last.AsSpan(0, _used).CopyTo(whole.AsSpan(place));
            return whole;
        }
    }
}
