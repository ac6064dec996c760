using System.Security.Cryptography;
using System.Text;

namespace Mercato.Fake;

/// <summary>
/// What stands in for a provider's sealed reasoning (signature, encrypted_content, thoughtSignature). Only the host
/// that made one accepts it, and only in its own dialect, as with the real ones; with it, the text it was made for.
/// </summary>
internal sealed class Seals(string host)
{
    private const int MarkBytes = 16;

    public string Mint(Dialect dialect, string text)
    {
        var of = Mark(text);
        return Convert.ToBase64String([.. of, .. Mark($"{host}\n{dialect.Name}\n{Convert.ToHexString(of)}")]);
    }

    public bool IsOwn(Dialect dialect, string? seal)
    {
        var bytes = new byte[2 * MarkBytes];
        return seal is not null && Convert.TryFromBase64String(seal, bytes, out var count) && count == bytes.Length
            && bytes.AsSpan(MarkBytes).SequenceEqual(
                Mark($"{host}\n{dialect.Name}\n{Convert.ToHexString(bytes.AsSpan(0, MarkBytes))}"));
    }

    public bool IsOwn(Dialect dialect, string? seal, string text) =>
        IsOwn(dialect, seal) && Convert.FromBase64String(seal!).AsSpan(0, MarkBytes).SequenceEqual(Mark(text));

    private static byte[] Mark(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text))[..MarkBytes];
}
