using System.Text.Json;

namespace Mercato.Wire;

/// <summary>
/// Typed tools that a provider runs itself and bills by the call, such as web searches. What the caller runs (functions,
/// shells, editors) costs nothing beyond its tokens.
/// </summary>
public static class PaidTools
{
    private static readonly string[] RunByCallers =
    [
        "function", "custom", "namespace", "local_shell", "shell", "apply_patch", "computer", "tool_search",
        "text_editor", "bash", "memory",
    ];

    /// <summary>Whether calls of this type cost extra. A type that nobody knows may: the safe answer is yes.</summary>
    /// <param name="type">Such as <c>web_search</c> or <c>text_editor_20250728</c>.</param>
    public static bool IsPaid(string type) =>
        !Array.Exists(RunByCallers, known => type == known
            || (type.StartsWith(known, StringComparison.Ordinal) && type.Length > known.Length && type[known.Length] == '_'));

    /// <summary>Whether the body demands a call of such a tool, so that it cannot be left out.</summary>
    /// <param name="members">A body whose <c>tools</c> are objects with a <c>type</c>.</param>
    public static bool IsDemanded(JsonMembers members)
    {
        ArgumentNullException.ThrowIfNull(members);
        if (Read(members.FindValue("tool_choice")) is not { ValueKind: JsonValueKind.Object } choice
            || Read(members.FindValue("tools")) is not { ValueKind: JsonValueKind.Array } tools)
        {
            return false;
        }

        // A choice names a tool, or in Responses its type.
        var (name, kind) = (choice.FindText("name"), choice.FindText("type"));
        return tools.EnumerateArray().Any(tool => tool.FindText("type") is { } type && IsPaid(type)
            && (type == kind || (name is not null && name == tool.FindText("name"))));
    }

    /// <summary>Takes the tools out of a body; every other tool stays as it was.</summary>
    /// <param name="splice">A body whose <c>tools</c> are objects with a <c>type</c>.</param>
    /// <param name="dropped">Gets <c>tools</c> when something was taken out.</param>
    internal static void Remove(JsonSplice splice, List<string> dropped)
    {
        if (Read(splice.FindValue("tools")) is not { ValueKind: JsonValueKind.Array } tools)
        {
            return;
        }

        var kept = tools.EnumerateArray().Where(tool => tool.FindText("type") is not { } type || !IsPaid(type)).ToList();
        if (kept.Count == tools.GetArrayLength())
        {
            return;
        }

        dropped.Add("tools");
        splice.Set("tools", JsonWriting.Write(json =>
        {
            json.WriteStartArray();
            kept.ForEach(tool => json.WriteRaw(tool));
            json.WriteEndArray();
        }));
    }

    private static JsonElement? Read(ReadOnlyMemory<byte>? value) =>
        value is { } json ? JsonText.ParseElement(json.Span) : null;
}
