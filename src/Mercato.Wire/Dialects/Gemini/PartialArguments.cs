using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Gemini;

/// <summary>
/// Arguments of one call that a host streams as pieces with a path, such as
/// <c>{"jsonPath":"$.items[0].name","stringValue":"ap","willContinue":true}</c>. Not thread-safe.
/// </summary>
internal sealed class PartialArguments
{
    private const int MaxDepth = 32;
    private const int MaxItems = 10_000;

    private readonly Node _root = new();

    /// <summary>Takes a piece in; a path that can't be followed is passed over.</summary>
    public void Add(JsonElement piece)
    {
        if (piece.FindText("jsonPath") is not { } path || Find(path) is not { } node)
        {
            return;
        }

        if (piece.FindText("stringValue") is { } text)
        {
            (node.Text ??= new StringBuilder()).Append(text);
        }
        else
        {
            node.Raw = (piece.FindNumber("numberValue") ?? piece.Find("boolValue"))?.ToRaw() ?? "null";
        }
    }

    /// <summary>The arguments so far, as one JSON object.</summary>
    public string ToJson() => Encoding.UTF8.GetString(JsonWriting.Write(json =>
    {
        if (_root.Members is null)
        {
            json.WriteStartObject();
            json.WriteEndObject();
        }
        else
        {
            _root.Write(json);
        }
    }));

    private Node? Find(string path)
    {
        var node = _root;
        var steps = path.TrimStart('$').Replace("[", ".[", StringComparison.Ordinal)
            .Split('.', StringSplitOptions.RemoveEmptyEntries);
        foreach (var step in steps.Length <= MaxDepth ? steps : [])
        {
            node = !step.StartsWith('[') ? node.Member(step)
                : step.Length < 3 || !step.EndsWith(']') ? null
                : int.TryParse(step[1..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                    ? index < MaxItems ? node.Item(index) : null
                    : node.Member(step[1..^1].Trim('\'', '"'));
            if (node is null)
            {
                return null;
            }
        }

        return node == _root ? null : node;
    }

    private sealed class Node
    {
        private List<Node>? _items;

        public OrderedDictionary<string, Node>? Members { get; private set; }

        public StringBuilder? Text { get; set; }

        public string? Raw { get; set; }

        public Node Member(string name)
        {
            Members ??= [];
            if (!Members.TryGetValue(name, out var member))
            {
                Members[name] = member = new Node();
            }

            return member;
        }

        public Node Item(int index)
        {
            _items ??= [];
            while (_items.Count <= index)
            {
                _items.Add(new Node());
            }

            return _items[index];
        }

        public void Write(Utf8JsonWriter json)
        {
            if (Members is not null)
            {
                json.WriteStartObject();
                foreach (var (name, member) in Members)
                {
                    json.WritePropertyName(name);
                    member.Write(json);
                }

                json.WriteEndObject();
            }
            else if (_items is not null)
            {
                json.WriteStartArray();
                _items.ForEach(item => item.Write(json));
                json.WriteEndArray();
            }
            else if (Text is not null)
            {
                json.WriteStringValue(Text.ToString());
            }
            else
            {
                json.WriteRawValue(Raw ?? "null", skipInputValidation: true);
            }
        }
    }
}
