using System.Text;
using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>How the events of a stream become bytes.</summary>
internal sealed record Framing(string ContentType, byte[] Comment)
{
    /// <summary>Server-sent events.</summary>
    public static readonly Framing Events = new("text/event-stream", ": still here\n\n"u8.ToArray());

    /// <summary>The same, in Google's line ends.</summary>
    public static readonly Framing CrLfEvents = new("text/event-stream", ": still here\r\n\r\n"u8.ToArray());

    /// <summary>A JSON text per line. It knows no comments, but empty lines.</summary>
    public static readonly Framing Lines = new("application/x-ndjson", "\n"u8.ToArray());

    /// <summary>The elements of one JSON array.</summary>
    public static readonly Framing List = new("application/json", " "u8.ToArray());

    /// <summary>What stands between the last event and the end of the body.</summary>
    public byte[] Tail => this == List ? "]"u8.ToArray() : [];

    /// <param name="data">The event.</param>
    /// <param name="part">What it is, for the journal.</param>
    /// <param name="name">The event's name, where the dialect writes one.</param>
    /// <param name="first">Whether it opens the stream, which matters to a list.</param>
    public Send Write(JsonNode data, Part part, string? name = null, bool first = false)
    {
        var json = data.ToBytes();
        byte[] bytes = this == Lines ? [.. json, .. "\n"u8]
            : this == List ? [.. first ? "["u8 : ",\r\n"u8, .. json]
            : [.. NameLine(name), .. "data: "u8, .. json, .. this == CrLfEvents ? "\r\n\r\n"u8 : "\n\n"u8];
        return new Send(bytes, part);
    }

    private static byte[] NameLine(string? name) =>
        name is null ? [] : Encoding.UTF8.GetBytes($"event: {name}\n");
}
