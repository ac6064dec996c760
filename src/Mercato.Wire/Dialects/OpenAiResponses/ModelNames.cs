namespace Mercato.Wire.Dialects.OpenAiResponses;

/// <summary>What a model of this dialect takes; null where nobody knows.</summary>
internal readonly record struct ModelFacts(bool? Reasons, bool? TakesSampling, string? LeastEffort, bool TakesXhigh)
{
    /// <summary>The effort that comes nearest to what is wished; null for no wish.</summary>
    public string? EffortOf(ReasoningOptions wishes)
    {
        var effort = wishes switch
        {
            { Effort: { } named } => named,
            { IsEnabled: false } => "none",
            { BudgetTokens: 0 } => "none",
            { BudgetTokens: <= 2048 } => "low",
            { BudgetTokens: <= 12_288 } => "medium",
            { BudgetTokens: not null } => "high",
            _ => null,
        };
        return effort switch
        {
            "max" or "xhigh" when !TakesXhigh => "high",
            "max" => "xhigh",
            "none" => LeastEffort,
            "minimal" when LeastEffort == "low" => "low",
            _ => effort,
        };
    }
}

/// <summary>Facts that the names of OpenAI's models tell, for where the catalog has none.</summary>
internal static class ModelNames
{
    private static readonly string[] Plain = ["gpt-3.5", "gpt-4", "chatgpt-4o", "gpt-5-chat"];
    private static readonly string[] Reasoning = ["gpt-5", "gpt-6", "gpt-oss", "o1", "o3", "o4", "codex-"];

    public static ModelFacts FactsOf(string model, ModelTraits traits)
    {
        var name = model[(model.LastIndexOf('/') + 1)..];
        var isPlain = StartsWithAny(name, Plain);
        var isReasoning = !isPlain && StartsWithAny(name, Reasoning);
        var reasons = traits.Reasons ?? (isPlain ? false : isReasoning ? true : null);
        // The series began with "low", gpt-5 brought "minimal", gpt-5.1 "none", and what followed it "xhigh".
        var isGpt5 = name == "gpt-5" || name.StartsWith("gpt-5-", StringComparison.Ordinal);
        var isLater = isReasoning && !isGpt5 && StartsWithAny(name, ["gpt-5", "gpt-6"]);
        var leastEffort = isLater ? "none" : isGpt5 ? "minimal" : isReasoning ? "low" : null;
        return new ModelFacts(
            reasons, traits.TakesSampling ?? (isReasoning ? false : null), leastEffort,
            isLater && (!name.StartsWith("gpt-5.1", StringComparison.Ordinal)
                || name.Contains("codex-max", StringComparison.Ordinal)));
    }

    private static bool StartsWithAny(string name, string[] beginnings) =>
        beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.Ordinal));
}
