using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Mercato.Wire;

namespace Mercato.Fuzz;

/// <summary>Something that must not be was written.</summary>
public sealed class WrongOutputException(string message) : Exception(message);

/// <summary>What all that we write has to be.</summary>
public static class WellFormed
{
    /// <summary>Fails with the message unless the condition holds.</summary>
    public static void Expect(bool holds, string message)
    {
        if (!holds)
        {
            throw new WrongOutputException(message);
        }
    }

    /// <summary>A JSON object in UTF-8 whose members have different names.</summary>
    public static JsonElement Json(ReadOnlyMemory<byte> json, string what, bool mayRepeat = false)
    {
        Expect(Utf8.IsValid(json.Span), $"{what} is not UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1_000 });
            Expect(document.RootElement.ValueKind == JsonValueKind.Object, $"{what} is no object.");
            var names = new HashSet<string>();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                Expect(names.Add(Name(member)) || mayRepeat, $"{what} has a member twice.");
            }

            return document.RootElement.Clone();
        }
        catch (JsonException problem)
        {
            throw new WrongOutputException($"{what} is not JSON: {problem.Message}");
        }
    }

    /// <summary>A stream of events, each with a JSON object or with <c>[DONE]</c>; gives the objects.</summary>
    public static List<JsonElement> Events(ReadOnlyMemory<byte> stream, Dialect dialect)
    {
        Expect(Utf8.IsValid(stream.Span), "The stream is not UTF-8.");
        var text = Encoding.UTF8.GetString(stream.Span);
        Expect(text.Length == 0 || text.EndsWith("\n\n", StringComparison.Ordinal), "The stream's last event is open.");
        var objects = new List<JsonElement>();
        foreach (var frame in text.Split("\n\n")[..^1])
        {
            if (!frame.StartsWith(':') && Data(frame, out var name) is var data && data != "[DONE]")
            {
                var value = Json(Encoding.UTF8.GetBytes(data), "An event");
                Expect(dialect == Dialect.OpenAiChat || value.GetProperty("type").GetString() == name,
                    "An event's name is not its type.");
                objects.Add(value);
            }
        }

        return objects;
    }

    /// <summary>Writes as the gateway does: only what is UTF-8 reaches a reader of whole bodies.</summary>
    public static byte[] ToUtf8(byte[] body) =>
        Utf8.IsValid(body) ? body : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body));

    /// <summary>Names may hold half a character, which no string can.</summary>
    private static string Name(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return member.ToString();
        }
    }

    private static string Data(string frame, out string name)
    {
        name = "";
        var data = new List<string>();
        foreach (var line in frame.Split('\n'))
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data.Add(line[6..]);
            }
            else
            {
                Expect(line.StartsWith("event: ", StringComparison.Ordinal), "A line is neither event nor data.");
                name = line[7..];
            }
        }

        return string.Join('\n', data);
    }
}
