namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>
/// What OpenAI's own reasoning models take, told by their names, for hosts and models that the catalog doesn't know.
/// Source: the API reference's notes on <c>reasoning_effort</c>, and the errors that the models answer with.
/// </summary>
internal static class OpenAiModels
{
    private static readonly string[] Scale = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

    /// <summary>Whether it is one of the o series or of the GPT-5 family (not its chat variants): those refuse
    /// sampling, <c>stop</c> and <c>max_tokens</c>.</summary>
    public static bool Reasons(string model)
    {
        var name = NameOf(model);
        return (name is ['o', >= '1' and <= '9', ..] && (name.Length == 2 || name[2] == '-'))
            || (IsGpt5(name) && !name.Contains("-chat", StringComparison.Ordinal));
    }

    /// <summary>The word for effort that the model takes and that comes nearest to the wish.</summary>
    public static string EffortFor(string model, string wish)
    {
        var wanted = Array.IndexOf(Scale, wish);
        if (wanted < 0)
        {
            return wish;
        }

        // Of two words equally far the greater one: a wish for a little is no wish for nothing.
        return EffortsOf(model).MinBy(word => Math.Abs(Array.IndexOf(Scale, word) - wanted) * 2
            - (Array.IndexOf(Scale, word) > wanted ? 1 : 0))!;
    }

    /// <summary>The word for a budget of tokens, by the scale that Google's endpoint of this dialect uses.</summary>
    public static string EffortOf(long budgetTokens) => budgetTokens switch
    {
        <= 0 => "none",
        <= 2 * 1024 => "low",
        <= 12 * 1024 => "medium",
        _ => "high",
    };

    private static string[] EffortsOf(string model)
    {
        var name = NameOf(model);
        if (!Reasons(model))
        {
            return ["none", "low", "medium", "high"];
        }

        if (!IsGpt5(name))
        {
            return ["low", "medium", "high"];
        }

        if (name.Contains("-pro", StringComparison.Ordinal))
        {
            return name.StartsWith("gpt-5-", StringComparison.Ordinal) ? ["high"] : ["medium", "high", "xhigh"];
        }

        if (!name.StartsWith("gpt-5.", StringComparison.Ordinal))
        {
            return name.Contains("-codex", StringComparison.Ordinal)
                ? ["low", "medium", "high"]
                : ["minimal", "low", "medium", "high"];
        }

        var isFirst = name.StartsWith("gpt-5.1", StringComparison.Ordinal);
        return name.Contains("-codex", StringComparison.Ordinal)
            ? isFirst && !name.Contains("-max", StringComparison.Ordinal)
                ? ["low", "medium", "high"] : ["low", "medium", "high", "xhigh"]
            : isFirst ? ["none", "low", "medium", "high"] : ["none", "low", "medium", "high", "xhigh"];
    }

    private static bool IsGpt5(string name) =>
        name.StartsWith("gpt-5", StringComparison.Ordinal) && (name.Length == 5 || name[5] is '-' or '.');

    private static string NameOf(string model) => model[(model.LastIndexOf('/') + 1)..];
}
