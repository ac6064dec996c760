using System.Text.Json;

namespace Mercato.Fake;

/// <summary>A checked request, whatever its dialect: the few things in it that an answer depends on.</summary>
internal sealed record Asked
{
    public required string Model { get; init; }

    /// <summary>How a stream of this answer is framed; null asks for a plain answer.</summary>
    public Framing? Framing { get; init; }

    public bool Stream => Framing is not null;

    /// <summary>False where a stream carries usage only on demand, and nobody demanded it.</summary>
    public bool IncludeUsage { get; init; } = true;

    public int Choices { get; init; } = 1;

    public int? OutputLimit { get; init; }

    /// <summary>False when the caller forbids calls.</summary>
    public bool MayCall { get; init; } = true;

    public IReadOnlyList<(string Name, JsonElement? Parameters)> Tools { get; init; } = [];

    /// <summary>The text of a tool's result, when the request ends with one.</summary>
    public string? ToolResult { get; init; }

    public string LastUserText { get; init; } = "";

    /// <summary>The first of the given stop sequences, for <c>finish=stop_sequence</c>.</summary>
    public string? StopSequence { get; init; }

    public JsonElement? AnswerSchema { get; init; }

    /// <summary>Reasons at least a little, because the caller switched it on.</summary>
    public bool Thinks { get; init; }

    /// <summary>Whether the dialect shows its reasoning to this caller as text.</summary>
    public bool ShowsThoughts { get; init; } = true;

    /// <summary>What an embedding is wanted of.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    public int? Dimensions { get; init; }

    /// <summary>Vectors or images inside the answer in base64.</summary>
    public bool WantsBase64 { get; init; }

    /// <summary>Whether reasoning comes sealed, where that is the caller's choice.</summary>
    public bool SealsThoughts { get; init; } = true;

    /// <summary>The text of a content that is a string, or a list of parts with texts.</summary>
    public static string TextOf(JsonElement? content) => content switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } parts => string.Concat(parts.EnumerateArray()
            .Select(part => part.Find("text") is { ValueKind: JsonValueKind.String } text ? text.GetString() : null)),
        _ => "",
    };
}
