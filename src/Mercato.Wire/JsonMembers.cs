using System.Text.Json;

namespace Mercato.Wire;

/// <summary>One member of a JSON object: where its name starts, and where its value stands.</summary>
/// <param name="Name">The member's name, unescaped.</param>
/// <param name="Start">Offset of the name's opening quote.</param>
/// <param name="ValueStart">Offset of the value's first byte.</param>
/// <param name="End">Offset just behind the value.</param>
public readonly record struct JsonMember(string Name, int Start, int ValueStart, int End);

/// <summary>The members of one JSON object, in order, as offsets into its bytes.</summary>
public sealed class JsonMembers
{
    private readonly List<JsonMember> _members = [];

    private JsonMembers(ReadOnlyMemory<byte> document) => Document = document;

    /// <summary>The bytes that the offsets point into.</summary>
    public ReadOnlyMemory<byte> Document { get; }

    /// <summary>The members in the order of the document.</summary>
    public IReadOnlyList<JsonMember> All => _members;

    /// <summary>Offset just behind the opening brace.</summary>
    public int BodyStart { get; private set; }

    /// <summary>Offset of the closing brace.</summary>
    public int BodyEnd { get; private set; }

    /// <summary>
    /// Reads the members of a JSON object; null when the bytes are not one well-formed object (nested up to 64 deep,
    /// no comments, no trailing commas).
    /// </summary>
    public static JsonMembers? Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            var members = Begin(utf8, ref reader);
            while (members.ReadName(ref reader) is { } name)
            {
                reader.Read();
                var valueStart = (int)reader.TokenStartIndex;
                reader.Skip();
                members.Add(name, valueStart, ref reader);
            }

            return reader.Read() ? null : members;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The last member of that name (JSON readers keep the last of duplicates), or null.</summary>
    public JsonMember? Find(string name)
    {
        for (var index = _members.Count - 1; index >= 0; index--)
        {
            if (_members[index].Name == name)
            {
                return _members[index];
            }
        }

        return null;
    }

    /// <summary>The first name that stands twice, or null.</summary>
    public string? FindDuplicate()
    {
        var seen = new HashSet<string>(_members.Count);
        return _members.Find(member => !seen.Add(member.Name)) is { Name: not null } twice ? twice.Name : null;
    }

    /// <summary>The raw bytes of a member's value, or null when there is none.</summary>
    public ReadOnlyMemory<byte>? FindValue(string name) =>
        Find(name) is { } member ? Document[member.ValueStart..member.End] : default(ReadOnlyMemory<byte>?);

    internal static JsonMembers Begin(ReadOnlyMemory<byte> document, ref Utf8JsonReader reader) =>
        new(document) { BodyStart = (int)reader.BytesConsumed };

    private int _nameStart;

    /// <summary>Moves to the next member's name; null, with the end noted, at the closing brace.</summary>
    internal string? ReadName(ref Utf8JsonReader reader)
    {
        reader.Read();
        _nameStart = (int)reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.EndObject)
        {
            BodyEnd = _nameStart;
            return null;
        }

        return JsonText.ToText(reader.ValueSpan);
    }

    internal void Add(string name, int valueStart, ref Utf8JsonReader reader) =>
        _members.Add(new JsonMember(name, _nameStart, valueStart, (int)reader.BytesConsumed));
}
