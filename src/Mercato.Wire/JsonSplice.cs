using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mercato.Wire;

/// <summary>
/// Edits members of a JSON object's bytes and leaves every other byte as it was: order, white space, unknown members
/// and the spelling of numbers survive. Edits are gathered and written once.
/// </summary>
public sealed class JsonSplice(JsonMembers members)
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>?> _edits = [];

    /// <summary>Whether any edit was asked for.</summary>
    public bool IsEmpty => _edits.Count == 0;

    /// <summary>A splice over these bytes, or null when they are not one well-formed JSON object.</summary>
    public static JsonSplice? Read(ReadOnlyMemory<byte> utf8) =>
        JsonMembers.Read(utf8) is { } members ? new JsonSplice(members) : null;

    /// <summary>The value as it will stand after the edits so far, or null when the member is absent.</summary>
    public ReadOnlyMemory<byte>? FindValue(string name) =>
        _edits.TryGetValue(name, out var edited) ? edited : members.FindValue(name);

    /// <summary>Replaces a member's value by raw JSON, or appends the member when the object has none.</summary>
    public JsonSplice Set(string name, ReadOnlyMemory<byte> rawValue)
    {
        _edits[name] = rawValue;
        return this;
    }

    /// <summary>Replaces a member's value by a JSON string, or appends it.</summary>
    public JsonSplice SetText(string name, string value) => Set(name, Quote(value));

    /// <summary>Removes every member of that name, with the comma that belonged to it.</summary>
    public JsonSplice Remove(string name)
    {
        _edits[name] = null;
        return this;
    }

    /// <summary>
    /// Sets a member one level down, such as <c>stream_options.include_usage</c>. A parent that is absent or no
    /// object becomes an object with this one member.
    /// </summary>
    public JsonSplice SetInside(string parent, string name, ReadOnlyMemory<byte> rawValue)
    {
        var inner = FindValue(parent) is { } value ? Read(value) : null;
        return Set(parent, (inner ?? Read("{}"u8.ToArray())!).Set(name, rawValue).ToBytes());
    }

    /// <summary>Removes a member one level down; a parent that is absent or no object is left alone.</summary>
    public JsonSplice RemoveInside(string parent, string name)
    {
        if (FindValue(parent) is { } value && JsonMembers.Read(value) is { } inner && inner.Find(name) is not null)
        {
            Set(parent, new JsonSplice(inner).Remove(name).ToBytes());
        }

        return this;
    }

    /// <summary>The edited document.</summary>
    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>(members.Document.Length + 256);
        WriteTo(output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Writes the edited document.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var document = members.Document.Span;
        output.Write(document[..members.BodyStart]);
        var previousEnd = members.BodyStart;
        var firstGap = ReadOnlySpan<byte>.Empty;
        var kept = 0;
        var set = new HashSet<string>(_edits.Count);
        for (var index = 0; index < members.All.Count; index++)
        {
            var member = members.All[index];
            var gap = document[previousEnd..member.Start];
            previousEnd = member.End;
            firstGap = index == 0 ? gap : firstGap;
            var isEdited = _edits.TryGetValue(member.Name, out var value);
            if (isEdited && value is null)
            {
                continue;
            }

            // The gap before a member holds its comma; whoever comes first takes the gap that had none.
            output.Write(kept++ == 0 ? firstGap : gap);
            output.Write(document[member.Start..member.ValueStart]);
            output.Write(isEdited ? value!.Value.Span : document[member.ValueStart..member.End]);
            if (isEdited)
            {
                set.Add(member.Name);
            }
        }

        foreach (var (name, value) in _edits)
        {
            if (value is not null && !set.Contains(name))
            {
                output.Write(kept++ == 0 ? ""u8 : ","u8);
                output.Write(Quote(name));
                output.Write(":"u8);
                output.Write(value.Value.Span);
            }
        }

        output.Write(document[previousEnd..]);
    }

    /// <summary>A string as JSON: quoted, escaped only where JSON demands it.</summary>
    internal static byte[] Quote(string value)
    {
        var text = JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        return [(byte)'"', .. text, (byte)'"'];
    }
}
