using System.Text.Json;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiResponses;

namespace Mercato.Gateway;

/// <summary>Items as one JSON array, and back.</summary>
internal static class KeptItems
{
    public static byte[] Join(IEnumerable<KeptItem> items)
    {
        using var joined = new MemoryStream();
        var separator = "["u8;
        foreach (var item in items)
        {
            joined.Write(separator);
            joined.Write(item.Json.Span);
            separator = ","u8;
        }

        joined.Write(joined.Length == 0 ? "[]"u8 : "]"u8);
        return joined.ToArray();
    }

    public static List<KeptItem> Read(byte[] items) =>
        [.. JsonElement.Parse(items).EnumerateArray()
            .Select(item => new KeptItem(item.FindText("id"), JsonSerializer.SerializeToUtf8Bytes(item)))];
}
