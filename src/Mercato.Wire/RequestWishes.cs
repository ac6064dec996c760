using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire;

/// <summary>Reads the extension list's structured members, which every client dialect shares.</summary>
internal static class RequestWishes
{
    /// <summary>No wish needs more; a larger one is refused before it is read into memory.</summary>
    private const int MaxBytes = 64 * 1024;
    private const int MaxItems = 64;

    /// <summary>The extension list: members that are ours and are not forwarded for catalog models.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "models", "provider", "route", "transforms", "plugins", "reasoning", "include_reasoning", "usage",
        "session_id", "trace", "preset",
    ];

    /// <summary>Those of them that the gateway itself honours, so that nothing is lost with them.</summary>
    public static IReadOnlyList<string> Honoured { get; } = ["models", "provider", "usage", "session_id"];

    /// <summary>Reads <c>models[]</c>.</summary>
    public static IReadOnlyList<string> ReadModels(JsonMembers members, ref RequestRefusal? refusal)
    {
        using var document = Open(members, "models", ref refusal);
        return document is null ? [] : Texts(document.RootElement, "models", ref refusal);
    }

    /// <summary>Reads <c>provider{}</c>; members that we don't know are left alone.</summary>
    public static ProviderWishes? ReadProvider(JsonMembers members, ref RequestRefusal? refusal)
    {
        using var document = OpenObject(members, "provider", ref refusal);
        if (document is null)
        {
            return null;
        }

        var wishes = new ProviderWishes();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            var path = "provider." + member.Name;
            var value = member.Value;
            wishes = member.Name switch
            {
                "order" => wishes with { Order = Texts(value, path, ref refusal) },
                "only" => wishes with { Only = Texts(value, path, ref refusal) },
                "ignore" => wishes with { Ignore = Texts(value, path, ref refusal) },
                "quantizations" => wishes with { Quantizations = Texts(value, path, ref refusal) },
                "allow_fallbacks" => wishes with { AllowFallbacks = Flag(value, path, ref refusal) },
                "require_parameters" => wishes with { RequireParameters = Flag(value, path, ref refusal) },
                "zdr" => wishes with { ZeroRetention = Flag(value, path, ref refusal) },
                "data_collection" => wishes with { DataCollection = OneOf(value, path, ref refusal, "allow", "deny") },
                "sort" => wishes with { Sort = Sort(value, path, ref refusal) },
                "max_price" => wishes with { MaxPricePico = Prices(value, path, ref refusal) },
                _ => wishes,
            };
        }

        return wishes;
    }

    /// <summary>Reads <c>reasoning{}</c>.</summary>
    public static ReasoningWishes? ReadReasoning(JsonMembers members, ref RequestRefusal? refusal)
    {
        using var document = OpenObject(members, "reasoning", ref refusal);
        if (document is null)
        {
            return null;
        }

        var wishes = new ReasoningWishes(null, null, null, null);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            var path = "reasoning." + member.Name;
            wishes = member.Name switch
            {
                "effort" => wishes with { Effort = Text(member.Value, path, ref refusal) },
                "max_tokens" => wishes with { MaxTokens = Count(member.Value, path, ref refusal) },
                "exclude" => wishes with { Exclude = Flag(member.Value, path, ref refusal) },
                "enabled" => wishes with { Enabled = Flag(member.Value, path, ref refusal) },
                _ => wishes,
            };
        }

        return wishes;
    }

    /// <summary>Reads a text member of at most 4096 bytes.</summary>
    public static string? ReadText(JsonMembers members, string name, ref RequestRefusal? refusal)
    {
        var value = members.FindValue(name);
        if (value is null || value.Value.Span.SequenceEqual("null"u8))
        {
            return null;
        }

        if (value.Value.Span[0] != '"' || value.Value.Length > 4098)
        {
            refusal ??= WrongType(name, "a string of at most 4096 bytes");
            return null;
        }

        return JsonText.ToText(value.Value.Span[1..^1]);
    }

    private static JsonDocument? Open(JsonMembers members, string name, ref RequestRefusal? refusal)
    {
        var value = members.FindValue(name);
        if (value is null || value.Value.Span.SequenceEqual("null"u8))
        {
            return null;
        }

        if (value.Value.Length > MaxBytes)
        {
            refusal ??= new RequestRefusal($"'{name}' is larger than {MaxBytes} bytes.", name, "too_large");
            return null;
        }

        var document = JsonText.Parse(value.Value);
        if (document is null)
        {
            refusal ??= new RequestRefusal($"'{name}' has a name that is no text.", name, "invalid_value");
        }

        return document;
    }

    private static JsonDocument? OpenObject(JsonMembers members, string name, ref RequestRefusal? refusal)
    {
        var document = Open(members, name, ref refusal);
        if (document is { RootElement.ValueKind: not JsonValueKind.Object })
        {
            document.Dispose();
            refusal ??= WrongType(name, "an object");
            return null;
        }

        return document;
    }

    private static RequestRefusal WrongType(string path, string wanted) =>
        new($"'{path}' must be {wanted}.", path, "invalid_type");

    private static List<string> Texts(JsonElement value, string path, ref RequestRefusal? refusal)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxItems)
        {
            refusal ??= WrongType(path, $"an array of at most {MaxItems} strings");
            return [];
        }

        var texts = new List<string>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray())
        {
            if (Text(item, path, ref refusal) is { } text)
            {
                texts.Add(text);
            }
        }

        return texts;
    }

    private static string? Text(JsonElement value, string path, ref RequestRefusal? refusal)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return JsonText.ToText(JsonMarshal.GetRawUtf8Value(value)[1..^1]);
        }

        refusal ??= value.ValueKind == JsonValueKind.Null ? null : WrongType(path, "a string");
        return null;
    }

    private static string? OneOf(
        JsonElement value, string path, ref RequestRefusal? refusal, params ReadOnlySpan<string> allowed)
    {
        var text = Text(value, path, ref refusal);
        if (text is not null && !allowed.Contains(text))
        {
            refusal ??= new RequestRefusal(
                $"'{path}' must be one of: {string.Join(", ", allowed)}.", path, "invalid_value");
        }

        return text;
    }

    private static string? Sort(JsonElement value, string path, ref RequestRefusal? refusal)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            return value.TryGetProperty("by", out var by) ? Sort(by, path + ".by", ref refusal) : null;
        }

        return OneOf(value, path, ref refusal, "price", "throughput", "latency");
    }

    private static bool? Flag(JsonElement value, string path, ref RequestRefusal? refusal)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            case JsonValueKind.Null: return null;
            default:
                refusal ??= WrongType(path, "true or false");
                return null;
        }
    }

    private static long? Count(JsonElement value, string path, ref RequestRefusal? refusal)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (JsonCount.Read(JsonMarshal.GetRawUtf8Value(value), out var count) != CountShape.Whole)
        {
            refusal ??= new RequestRefusal(
                $"'{path}' must be a whole number from 0 to {JsonCount.Limit - 1}.", path, "invalid_value");
        }

        return count;
    }

    private static Dictionary<string, long> Prices(JsonElement value, string path, ref RequestRefusal? refusal)
    {
        var prices = new Dictionary<string, long>();
        if (value.ValueKind == JsonValueKind.Null)
        {
            return prices;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            refusal ??= WrongType(path, "an object of prices");
            return prices;
        }

        foreach (var member in value.EnumerateObject())
        {
            var raw = member.Value.ValueKind == JsonValueKind.String
                ? Encoding.UTF8.GetBytes(Text(member.Value, path, ref refusal)!)
                : JsonMarshal.GetRawUtf8Value(member.Value);
            if (JsonAmount.TryReadPico(raw, out var pico))
            {
                prices[member.Name] = pico;
            }
            else if (member.Value.ValueKind != JsonValueKind.Null)
            {
                refusal ??= new RequestRefusal(
                    $"'{path}.{member.Name}' must be a price in USD from 0 to under 1000000.",
                    $"{path}.{member.Name}", "invalid_value");
            }
        }

        return prices;
    }
}
