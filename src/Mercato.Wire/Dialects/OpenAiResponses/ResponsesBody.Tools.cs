using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

internal sealed partial class ResponsesBody
{
    private readonly List<ChatTool> _tools = [];
    private readonly HashSet<string> _plainNames = [];
    private readonly FlatNames _flat = new();

    /// <summary>
    /// Tools stand in <c>tools</c>, and in items that offer more of them as a conversation goes on; other dialects
    /// only know the first place.
    /// </summary>
    private void ReadTools()
    {
        var lists = new List<(JsonElement Tools, string Path)>();
        if (Member("tools", JsonValueKind.Array, "an array") is { } tools)
        {
            lists.Add((tools, "tools"));
        }

        var index = 0;
        foreach (var item in body.List("input"))
        {
            if (item.FindText("type") is "additional_tools" or "tool_search_output"
                && item.Find("tools") is { ValueKind: JsonValueKind.Array } more)
            {
                lists.Add((more, $"input[{index}].tools"));
            }

            index++;
        }

        // Plain names come first: they are never changed, and those made of two must not meet them.
        foreach (var tool in lists.SelectMany(list => list.Tools.EnumerateArray()))
        {
            if (tool.FindText("type") is "function" or "custom" && tool.FindText("name") is { } name)
            {
                _plainNames.Add(name);
                _flat.Take(name);
            }
        }

        var offered = new HashSet<string>();
        foreach (var (list, path) in lists)
        {
            ReadTools(list, path, null, offered);
        }
    }

    private void ReadTools(JsonElement tools, string path, string? group, HashSet<string> offered)
    {
        var index = -1;
        foreach (var tool in tools.EnumerateArray())
        {
            var place = $"{path}[{++index}]";
            if (tool.ValueKind != JsonValueKind.Object || tool.FindText("type") is not { } type)
            {
                Refuse($"'{place}.type' is missing.", $"{place}.type", "missing_required_parameter");
            }
            else if (type == "namespace" && group is null)
            {
                if (tool.Find("tools") is { ValueKind: JsonValueKind.Array } nested)
                {
                    ReadTools(nested, $"{place}.tools", tool.FindText("name") ?? "", offered);
                }
            }
            else if (type is not ("function" or "custom"))
            {
                _tools.Add(new OpaqueTool(Dialect.OpenAiResponses, type, tool));
            }
            else if (tool.FindText("name") is not { Length: > 0 } name)
            {
                Refuse($"'{place}.name' is missing.", $"{place}.name", "missing_required_parameter");
            }
            else
            {
                var origin = group is null ? default(NamespacedName?) : new NamespacedName(group, name);
                var flat = origin is { } pair ? _flat.Of(pair) : name;
                // What a search found is often on offer already.
                if (offered.Add(flat))
                {
                    _tools.Add(ReadTool(tool, type, flat) with { Origin = origin });
                }
            }
        }
    }

    private static ChatTool ReadTool(JsonElement tool, string type, string name) => type == "custom"
        ? new CustomTool(name, tool.FindText("description"), tool.Find("format"))
        : new FunctionTool(
            name, tool.FindText("description"), tool.Find("parameters"), tool.FindFlag("strict"));

    /// <summary>The name under which the neutral form knows the tool of a call or a choice.</summary>
    private string NameOf(JsonElement owner)
    {
        var name = owner.FindText("name") ?? "";
        if (owner.FindText("namespace") is not { } group)
        {
            return name;
        }

        // OpenAI gives a tool that its search found a namespace of its own name. Tools that nobody offers any more
        // keep the name that the model knew.
        var origin = new NamespacedName(group, name);
        return _flat.Find(origin) ?? name;
    }
}
