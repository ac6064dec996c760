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
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                idle.CancelAfter(silence);
                var read = await stream.ReadAsync(buffer, idle.Token);
                if (read == 0)
                {
                    return body.ToArray();
                }

                if (body.Length + read > limit)
                {
                    return null;
                }

                body.Write(buffer, 0, read);
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
}
