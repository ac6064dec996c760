namespace Mercato.Providers;

/// <summary>Reads answers of hosts, which may be slow, endless or compressed to fool us, into bounded memory.</summary>
public static class BoundedBody
{
    /// <summary>The whole body, or null when it is larger than the limit.</summary>
    public static async Task<byte[]?> ReadAsync(
        HttpResponseMessage answer, int limit, CancellationToken cancellationToken)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (body.Length + read > limit)
            {
                return null;
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    /// <summary>A header of the answer, or null.</summary>
    public static string? Header(this HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values)
            ? values.FirstOrDefault()
            : null;
}
