using System.Globalization;

namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>
/// What a Claude model can take, told from its name. Anthropic has changed its grammar with its models, and no answer
/// of its API tells which of them a model is. A model of another maker behind this dialect has no version, and gets
/// the grammar that most hosts share: thinking with a budget, sampling, a schema for answers.
/// </summary>
/// <param name="Family"><c>opus</c>, <c>sonnet</c>, <c>haiku</c>, <c>fable</c>, <c>mythos</c>; empty when there is
/// none.</param>
/// <param name="Version">Major times 100 plus minor, such as 405; null when unknown.</param>
internal readonly record struct ClaudeModel(string Family, int? Version)
{
    private static readonly string[] Families = ["opus", "sonnet", "haiku", "fable", "mythos"];

    /// <summary>Whether it thinks as long as it sees fit (<c>adaptive</c>): from 4.6 on.</summary>
    public bool IsAdaptive => Version >= 406 || AlwaysThinks;

    /// <summary>Whether it refuses a budget for thinking, and sampling of any kind: from 4.7 on.</summary>
    public bool IsAdaptiveOnly => Version >= 407 || AlwaysThinks;

    /// <summary>Whether it can think: from 3.7 on, and where nobody knows.</summary>
    public bool CanThink => Version is null or >= 307;

    /// <summary>Whether it may think unless it is told not to: from 5 on, and where nobody knows.</summary>
    public bool ThinksUnasked => Version is null or >= 500;

    /// <summary>Whether thinking can't be turned off.</summary>
    public bool AlwaysThinks => Family is "fable" or "mythos";

    /// <summary>Whether it takes temperature or top_p, but not both: from Opus 4.1 on.</summary>
    public bool TakesOneSampling => Version >= 401;

    /// <summary>Whether its answers can be bound to a schema: from 4.5 on, and where nobody knows.</summary>
    public bool HasNativeSchema => Version is null or >= 405 || this is { Family: "opus", Version: 401 };

    /// <summary>Whether it goes on with an assistant's message that stands last: until 4.5.</summary>
    public bool ContinuesAnswer => !(Version >= 406 || AlwaysThinks);

    /// <summary>Whether it takes instructions in the middle of a conversation: Opus 4.8 and all of 5.</summary>
    public bool TakesSystemMessages => Version >= 500 || this is { Family: "opus", Version: >= 408 };

    /// <summary>Whether it can be made to call a tool: all but Fable and Mythos of 5.1, and Mythos's preview.</summary>
    public bool CanBeForced => !AlwaysThinks || Version == 500;

    /// <summary>Finds family and version in a name such as <c>claude-opus-4-6</c>, <c>claude-3-7-sonnet-20250219</c>,
    /// <c>anthropic/claude-4.6-opus</c> or <c>us.anthropic.claude-sonnet-4-5-20250929-v1:0</c>.</summary>
    public static ClaudeModel Of(string name)
    {
        var start = name.IndexOf("claude", StringComparison.OrdinalIgnoreCase);
        if (start < 0)
        {
            return new("", null);
        }

        var words = name[start..].ToLowerInvariant().Split('-', '.', '@', ':', '_', ' ');
        var family = Array.Find(words, Families.Contains) ?? "";
        var first = Array.FindIndex(words, IsNumber);
        if (first < 0)
        {
            return new(family, null);
        }

        var minor = first + 1 < words.Length && IsNumber(words[first + 1]) ? words[first + 1] : "0";
        return new(
            family,
            int.Parse(words[first], CultureInfo.InvariantCulture) * 100
                + int.Parse(minor, CultureInfo.InvariantCulture));
    }

    /// <summary>The effort in this model's words; null when it takes none.</summary>
    public string? EffortOf(string? effort)
    {
        if (effort is null || !(IsAdaptive || this is { Family: "opus", Version: 405 }))
        {
            return null;
        }

        return effort switch
        {
            "none" or "minimal" => "low",
            "xhigh" => IsAdaptiveOnly ? "xhigh" : IsAdaptive ? "max" : "high",
            "max" => IsAdaptive ? "max" : "high",
            "low" or "medium" or "high" => effort,
            _ => null,
        };
    }

    // Dates have eight digits.
    private static bool IsNumber(string word) => word.Length is 1 or 2 && word.All(char.IsAsciiDigit);
}
