namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>Files as hosts of this dialect take them: PDFs, plain text and pictures.</summary>
internal static class Documents
{
    /// <summary>The file as a picture, a PDF or a text; null when it is something else, such as a film.</summary>
    public static ChatPart? Carry(FilePart file)
    {
        if (file.Source is not InlineMedia media)
        {
            return file.Source is RemoteMedia { MediaType: { } told } remote ? CarryRemote(file, remote, told) : file;
        }

        // Where the type says nothing, the name or the first bytes do ("%PDF" in base64).
        var type = media.MediaType is not ("" or "application/octet-stream") ? media.MediaType
            : media.Base64.StartsWith("JVBER", StringComparison.Ordinal) ? "application/pdf"
            : DataUri.TypeOf(file.FileName) ?? media.MediaType;
        return type switch
        {
            "application/pdf" => file with { Source = media with { MediaType = type } },
            _ when IsPicture(type) =>
                new ImagePart(media with { MediaType = type }) { CacheHint = file.CacheHint },
            _ when TextFiles.IsText(type) && TextFiles.Decode(media.Base64) is { } text => file with { Source = new InlineText(text) },
            _ => null,
        };
    }

    private static ChatPart? CarryRemote(FilePart file, RemoteMedia remote, string type) =>
        IsPicture(type) ? new ImagePart(remote) { CacheHint = file.CacheHint }
        : type.StartsWith("video/", StringComparison.OrdinalIgnoreCase)
            || type.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) ? null
        : file;

    private static bool IsPicture(string type) => type.StartsWith("image/", StringComparison.OrdinalIgnoreCase);
}
