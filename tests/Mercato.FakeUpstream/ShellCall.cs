using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mercato.Fake;

/// <summary>A call of a coding agent's own shell, as that agent's schema wants it.</summary>
internal static partial class ShellCall
{
    /// <summary>What is run: harmless, and its output can't be guessed from the command.</summary>
    private const string Command = "printf MARK-%d 42";

    public static bool IsShell(string toolName) => Shell().IsMatch(toolName);

    /// <summary>The arguments: an example of the schema, with the command where the schema has a place for it.</summary>
    public static string Arguments(JsonElement? given)
    {
        var schema = given ?? default;
        var arguments = JsonNode.Parse(Wording.Example(schema)) as JsonObject ?? [];
        var properties = schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var found)
            ? found
            : default;
        var name = properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty("cmd", out _) ? "cmd" : "command";
        var isList = properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(name, out var member)
            && member.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("array");
        foreach (var other in arguments.Select(pair => pair.Key).Where(key => !IsRequired(schema, key)).ToList())
        {
            arguments.Remove(other);
        }

        arguments[name] = isList ? new JsonArray("bash", "-lc", Command) : Command;
        return arguments.ToJsonString();
    }

    private static bool IsRequired(JsonElement schema, string name) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array
        && required.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && item.ValueEquals(name));

    [GeneratedRegex("^(bash|shell|exec_command|shell_command|run_shell_command|local_shell)$", RegexOptions.IgnoreCase)]
    private static partial Regex Shell();
}
