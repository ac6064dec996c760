using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Mercato.Data;

/// <summary>
/// The keys of the house. Seals secrets at rest with AES-256-GCM under a key derived (HKDF-SHA256) for one use, so a
/// provider key can never be opened as, say, a token key. A sealed value names the ring key that sealed it.
/// </summary>
public sealed class KeyRing
{
    private const byte Format = 1;
    private const int Header = 1 + 4, Nonce = 12, Tag = 16;

    private readonly SortedDictionary<int, byte[]> _keys;
    private readonly int _newest;

    public KeyRing(IReadOnlyDictionary<int, byte[]> keys)
    {
        if (keys.Count == 0 || keys.Any(key => key.Value.Length != 32))
        {
            throw new ArgumentException("A key ring needs at least one key of 32 bytes.", nameof(keys));
        }

        _keys = new SortedDictionary<int, byte[]>(keys.ToDictionary());
        _newest = _keys.Keys.Max();
    }

    /// <summary>
    /// The configured ring. SQLite makes its own key in the data folder when none is set; a PostgreSQL node must share
    /// the ring with the others, so there a missing ring stops the start.
    /// </summary>
    public static KeyRing Load(IConfiguration configuration, DatabaseKind kind)
    {
        var configured = DataOptions.From(configuration).MasterKeys;
        if (configured.Count > 0)
        {
            return new KeyRing(configured.ToDictionary(key => ReadNumber(key.Key), key => ReadKey(key.Key, key.Value)));
        }

        if (kind == DatabaseKind.Postgres)
        {
            throw new StartupException(
                "No master key is set. On PostgreSQL every node needs the same key ring: run `openssl rand -base64 32` "
                + "once and give the result to each node as Mercato__MasterKeys__1.");
        }

        return new KeyRing(new Dictionary<int, byte[]> { [1] = ReadOrCreateFile(DataOptions.Folder(configuration)) });
    }

    public byte[] Seal(string use, ReadOnlySpan<byte> plaintext)
    {
        var sealedValue = new byte[Header + Nonce + Tag + plaintext.Length];
        sealedValue[0] = Format;
        BinaryPrimitives.WriteInt32BigEndian(sealedValue.AsSpan(1), _newest);
        var nonce = sealedValue.AsSpan(Header, Nonce);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(Derive(_keys[_newest], use), Tag);
        aes.Encrypt(nonce, plaintext, sealedValue.AsSpan(Header + Nonce + Tag), sealedValue.AsSpan(Header + Nonce, Tag),
            sealedValue.AsSpan(0, Header));
        return sealedValue;
    }

    public byte[] Seal(string use, string plaintext) => Seal(use, Encoding.UTF8.GetBytes(plaintext));

    /// <summary>Opens a sealed value. Throws <see cref="CryptographicException"/> when no key of the ring fits.</summary>
    public byte[] Open(string use, ReadOnlySpan<byte> sealedValue)
    {
        if (sealedValue.Length < Header + Nonce + Tag || sealedValue[0] != Format)
        {
            throw new CryptographicException("Not a sealed value.");
        }

        var number = BinaryPrimitives.ReadInt32BigEndian(sealedValue[1..]);
        if (!_keys.TryGetValue(number, out var key))
        {
            throw new CryptographicException($"Master key {number} is missing from the ring.");
        }

        var plaintext = new byte[sealedValue.Length - Header - Nonce - Tag];
        using var aes = new AesGcm(Derive(key, use), Tag);
        aes.Decrypt(sealedValue.Slice(Header, Nonce), sealedValue[(Header + Nonce + Tag)..],
            sealedValue.Slice(Header + Nonce, Tag), plaintext, sealedValue[..Header]);
        return plaintext;
    }

    public string OpenText(string use, ReadOnlySpan<byte> sealedValue) =>
        Encoding.UTF8.GetString(Open(use, sealedValue));

    private static byte[] Derive(byte[] key, string use) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: Encoding.UTF8.GetBytes("mercato:" + use));

    private static int ReadNumber(string number) =>
        int.TryParse(number, out var value) && value > 0
            ? value
            : throw new StartupException($"Mercato:MasterKeys:{number}: the name of a master key is a number from 1.");

    private static byte[] ReadKey(string number, string base64)
    {
        var key = new byte[33];
        return Convert.TryFromBase64String(base64.Trim(), key, out var length) && length == 32
            ? key[..32]
            : throw new StartupException($"Mercato:MasterKeys:{number} must be 32 bytes in base64 "
                + "(`openssl rand -base64 32` makes one).");
    }

    private static byte[] ReadOrCreateFile(string folder)
    {
        var path = Path.Combine(folder, "master.key");
        if (!File.Exists(path))
        {
            // Written aside and moved, so that a crash cannot leave half a key behind.
            var draft = path + ".new";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var file = new FileStream(draft, options))
            {
                file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) + "\n"));
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path);
        }

        return ReadKey("1", File.ReadAllText(path));
    }
}
