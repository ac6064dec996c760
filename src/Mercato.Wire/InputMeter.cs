using System.Buffers;
using System.Buffers.Text;

namespace Mercato.Wire;

/// <summary>Adds up the size of a request's input, part by part. Base64 payloads are measured, never kept.</summary>
internal sealed class InputMeter
{
    private long _payloadBytes;
    private int _images;
    private long _pages;
    private long _uncountedFileBytes;
    private int _remoteFiles;
    private int _audioParts;
    private long _audioBytes;

    public int Messages { get; set; }

    /// <summary>An image: a data URI, an address or bare base64, as the inside of a JSON string.</summary>
    public void AddImage(ReadOnlySpan<byte> escaped)
    {
        _images++;
        _payloadBytes += FindPayload(escaped).Length;
    }

    /// <summary>A file or video: a data URI, bare base64, or an address, as the inside of a JSON string.</summary>
    public void AddFile(ReadOnlySpan<byte> escaped)
    {
        if (escaped.StartsWith("http://"u8) || escaped.StartsWith("https://"u8) || escaped.StartsWith("https:\\/"u8)
            || escaped.StartsWith("http:\\/"u8))
        {
            AddRemoteFile();
            return;
        }

        var payload = escaped.StartsWith("data:"u8) ? FindPayload(escaped) : escaped;
        _payloadBytes += payload.Length;
        if (PdfPages.Count(payload) is { } pages)
        {
            _pages += pages;
        }
        else
        {
            _uncountedFileBytes += payload.IsEmpty ? escaped.Length : Decoded(payload);
        }
    }

    /// <summary>A file that only its host can see.</summary>
    public void AddRemoteFile() => _remoteFiles++;

    /// <summary>A piece of audio as base64, as the inside of a JSON string.</summary>
    public void AddAudio(ReadOnlySpan<byte> escaped)
    {
        var payload = escaped.StartsWith("data:"u8) ? FindPayload(escaped) : escaped;
        _audioParts++;
        _audioBytes += Decoded(payload);
        _payloadBytes += payload.Length;
    }

    public InputSize ToSize(int bodyBytes) => new(
        bodyBytes - _payloadBytes, Messages, _images, _pages, _uncountedFileBytes, _remoteFiles, _audioParts,
        _audioBytes);

    private static long Decoded(ReadOnlySpan<byte> base64) => ((long)base64.Length + 3) / 4 * 3;

    private static ReadOnlySpan<byte> FindPayload(ReadOnlySpan<byte> escaped)
    {
        var head = escaped[..Math.Min(escaped.Length, 256)];
        var marker = head.IndexOf(";base64,"u8);
        return head.StartsWith("data:"u8) && marker >= 0 ? escaped[(marker + 8)..] : default;
    }
}

/// <summary>Counts the pages of a PDF by its page objects.</summary>
internal static class PdfPages
{
    /// <summary>
    /// The number of <c>/Type /Page</c> objects in a base64 PDF; null when it is no PDF, can't be decoded, shows no
    /// page, or keeps objects compressed, where pages can hide.
    /// </summary>
    public static int? Count(ReadOnlySpan<byte> escapedBase64)
    {
        // "%PDF" in base64, whatever follows.
        if (!escapedBase64.StartsWith("JVBER"u8))
        {
            return null;
        }

        var text = new ArrayBufferWriter<byte>(escapedBase64.Length);
        JsonText.Append(escapedBase64, text);
        var bytes = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(text.WrittenCount));
        try
        {
            var status = Base64.DecodeFromUtf8(text.WrittenSpan, bytes, out _, out var count);
            return status == OperationStatus.Done ? CountPages(bytes.AsSpan(0, count)) : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static int? CountPages(ReadOnlySpan<byte> pdf)
    {
        if (pdf.IndexOf("/ObjStm"u8) >= 0)
        {
            return null;
        }

        var pages = 0;
        for (var at = pdf.IndexOf("/Type"u8); at >= 0; at = pdf.IndexOf("/Type"u8))
        {
            pdf = pdf[(at + 5)..].TrimStart(" \t\r\n\f\0"u8);
            if (pdf.StartsWith("/Page"u8) && (pdf.Length == 5 || !char.IsAsciiLetterOrDigit((char)pdf[5])))
            {
                pages++;
            }
        }

        return pages == 0 ? null : pages;
    }
}
