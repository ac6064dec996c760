using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Mercato.Accounts;

/// <summary>The SHA-256 of a key's text, whole, as a value that a dictionary can hold.</summary>
internal readonly record struct KeyDigest(UInt128 High, UInt128 Low)
{
    public static KeyDigest Of(ReadOnlySpan<byte> hash) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));

    public byte[] ToArray()
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt128BigEndian(hash, High);
        BinaryPrimitives.WriteUInt128BigEndian(hash.AsSpan(16), Low);
        return hash;
    }
}

/// <summary>
/// The text of a key: `mk_live_`, 32 base62 characters (190 random bits), `_` and a 6-character checksum, by which a
/// mistyped key is refused without asking the database and a leaked one is found by scanners.
/// </summary>
internal static class ApiKeySecret
{
    public const string Prefix = "mk_live_";

    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int Random = 32, Checksum = 6, Length = 8 + Random + 1 + Checksum;

    public static string Create()
    {
        var body = Prefix + RandomNumberGenerator.GetString(Base62, Random);
        return $"{body}_{ChecksumOf(body)}";
    }

    /// <summary>"mk_live_abc...xyz": 26 of the 32 random characters stay unsaid.</summary>
    public static string LabelOf(string secret) =>
        string.Concat(secret.AsSpan(0, Prefix.Length + 3), "...", secret.AsSpan(Prefix.Length + Random - 3, 3));

    public static bool LooksLikeOne(string text) => text.StartsWith("mk_", StringComparison.Ordinal);

    public static bool TryRead(string text, out KeyDigest digest)
    {
        digest = default;
        if (text.Length != Length || !text.StartsWith(Prefix, StringComparison.Ordinal)
            || text[Prefix.Length + Random] != '_'
            || !text.AsSpan(Length - Checksum).SequenceEqual(ChecksumOf(text[..(Prefix.Length + Random)])))
        {
            return false;
        }

        digest = DigestOf(text);
        return true;
    }

    public static KeyDigest DigestOf(string secret)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(secret), hash);
        return KeyDigest.Of(hash);
    }

    private static string ChecksumOf(string body)
    {
        var number = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        return string.Create(Checksum, number, (text, rest) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = Base62[(int)(rest % 62)];
                rest /= 62;
            }
        });
    }
}
