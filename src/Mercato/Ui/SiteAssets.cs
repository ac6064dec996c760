using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Mercato.Ui;

/// <summary>
/// The site's styles, scripts and icon, embedded in the program. Their addresses carry a hash of all of them, so
/// browsers keep them for good, a new version is fetched at once, and scripts import each other by relative names.
/// </summary>
public sealed class SiteAssets
{
    private const string Prefix = "site/";

    /// <summary>Later rules win, so the theme comes before the parts and pages that build on it.</summary>
    private static readonly string[] StylesFirst = ["tokens.css", "page.css", "parts.css"];

    private readonly FrozenDictionary<string, Asset> _byName;

    public SiteAssets()
    {
        var files = typeof(SiteAssets).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .ToDictionary(name => name[Prefix.Length..], Read);
        var styles = files.Keys.Where(name => name.EndsWith(".css", StringComparison.Ordinal))
            .OrderBy(name => Array.IndexOf(StylesFirst, name) is >= 0 and var place ? place : int.MaxValue)
            .ThenBy(name => name, StringComparer.Ordinal).ToArray();
        var site = styles.SelectMany(name => files[name]).ToArray();
        foreach (var name in styles)
        {
            files.Remove(name);
        }

        files["site.css"] = site;
        _byName = files.ToFrozenDictionary(file => file.Key, file => Asset.Of(file.Key, file.Value));
        var all = files.OrderBy(file => file.Key, StringComparer.Ordinal).SelectMany(file => file.Value).ToArray();
        Version = Convert.ToHexStringLower(SHA256.HashData(all))[..12];
    }

    /// <summary>Twelve hex digits that change with any file.</summary>
    public string Version { get; }

    /// <summary>The address of a file, to put into a page.</summary>
    public string this[string name] => _byName.ContainsKey(name)
        ? $"/assets/{Version}/{name}"
        : throw new ArgumentException($"There is no asset '{name}'.", nameof(name));

    /// <summary>Answers a request for a file, whatever version it asks for: old pages get the new file.</summary>
    internal IResult Serve(string version, string name, HttpContext http)
    {
        if (!_byName.TryGetValue(name, out var asset))
        {
            return Results.NotFound();
        }

        var headers = http.Response.Headers;
        headers.CacheControl = version == Version ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = "Accept-Encoding";
        var brotli = http.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.Ordinal);
        if (brotli)
        {
            headers.ContentEncoding = "br";
        }

        return Results.Bytes(brotli ? asset.Brotli : asset.Plain, asset.Type);
    }

    private static byte[] Read(string resource)
    {
        using var stream = typeof(SiteAssets).Assembly.GetManifestResourceStream(resource)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private sealed record Asset(string Type, byte[] Plain, byte[] Brotli)
    {
        public static Asset Of(string name, byte[] plain)
        {
            using var packed = new MemoryStream();
            using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            {
                brotli.Write(plain);
            }

            return new Asset(TypeOf(name), plain, packed.ToArray());
        }

        private static string TypeOf(string name) => Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "application/octet-stream",
        };
    }
}
