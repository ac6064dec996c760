using System.Collections.Immutable;

namespace Mercato.Catalog;

/// <summary>The request parameters that a model takes, told from its kind and capabilities.</summary>
public static class ModelParameters
{
    private static readonly ImmutableArray<string> Chat = ["max_tokens", "stop", "temperature", "top_p"];

    /// <summary>Parameter names of the chat contract; empty for models that chat cannot use.</summary>
    public static ImmutableArray<string> Of(Model model)
    {
        if (!model.IsChat)
        {
            return [];
        }

        IEnumerable<string> names = Chat;
        if (model.Can("tool_calling"))
        {
            names = names.Concat(["tool_choice", "tools"]);
        }

        if (model.Can("structured_output"))
        {
            names = names.Concat(["response_format", "structured_outputs"]);
        }

        if (model.Can("reasoning"))
        {
            names = names.Concat(["include_reasoning", "reasoning"]);
        }

        if (model.Can("web_search"))
        {
            names = names.Append("web_search_options");
        }

        return [.. names.Order(StringComparer.Ordinal)];
    }
}
