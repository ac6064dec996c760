using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>How a model is told to think.</summary>
internal enum ThinkingKind
{
    /// <summary>Nothing is said.</summary>
    Unsaid,
    /// <summary>Not at all.</summary>
    Disabled,
    /// <summary>Up to a budget.</summary>
    Budget,
    /// <summary>As long as the model sees fit.</summary>
    Adaptive
}

/// <summary>A wish for reasoning in this dialect's words.</summary>
/// <param name="Kind">How the model is told to think.</param>
/// <param name="Budget">The budget in tokens, where there is one.</param>
/// <param name="Effort"><c>output_config.effort</c>; null to leave it out.</param>
/// <param name="Display">Whether thoughts are shown: <c>summarized</c>, <c>omitted</c>; null to leave it out.</param>
internal readonly record struct Thinking(
    ThinkingKind Kind, long Budget = 0, string? Effort = null, string? Display = null)
{
    private const long MostBudget = 32_000;

    /// <summary>Whether the model will think, which rules out sampling.</summary>
    public bool IsOn => Kind is ThinkingKind.Budget or ThinkingKind.Adaptive;

    /// <summary>
    /// Puts a wish into words that the model knows. A model that takes a budget gets a share of the output limit by
    /// effort (10, 20, 50, 80, 95 %, at least 1,024 and at most 32,000 tokens), because the limit includes thinking.
    /// </summary>
    public static Thinking Of(ReasoningOptions? wish, ClaudeModel model, long outputLimit)
    {
        if (wish is null)
        {
            return default;
        }

        var effort = model.EffortOf(wish.Effort);
        if (wish.IsEnabled == false || (wish.Effort == "none" && wish.IsEnabled != true))
        {
            return model.AlwaysThinks ? new(ThinkingKind.Unsaid, Effort: effort ?? "low")
                : new(
                    model.ThinksUnasked ? ThinkingKind.Disabled : ThinkingKind.Unsaid,
                    Effort: wish.Effort == "none" ? null : effort);
        }

        if (wish is { IsEnabled: null, BudgetTokens: null, Effort: null })
        {
            return default;
        }

        if (model.IsAdaptive && (wish.BudgetTokens is null || model.IsAdaptiveOnly))
        {
            var display = wish.IsHidden ? "omitted" : model.IsAdaptiveOnly ? "summarized" : null;
            return new(ThinkingKind.Adaptive, Effort: effort, Display: display);
        }

        var share = wish.Effort switch
        {
            "minimal" => 10,
            "low" => 20,
            "high" => 80,
            "xhigh" or "max" => 95,
            _ => 50,
        };
        var budget = wish.BudgetTokens ?? Math.Min(outputLimit * share / 100, MostBudget);
        budget = Math.Min(Math.Max(budget, AnthropicDialect.LeastBudget), outputLimit - 1);
        return budget < AnthropicDialect.LeastBudget
            ? default
            : new(ThinkingKind.Budget, budget, wish.BudgetTokens is null ? null : effort);
    }

    /// <summary>Writes the member; nothing when nothing is said.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        if (Kind == ThinkingKind.Unsaid)
        {
            return;
        }

        json.WriteStartObject("thinking");
        json.WriteString("type", Kind switch
        {
            ThinkingKind.Budget => "enabled",
            ThinkingKind.Adaptive => "adaptive",
            _ => "disabled",
        });
        if (Kind == ThinkingKind.Budget)
        {
            json.WriteNumber("budget_tokens", Budget);
        }

        json.WriteTextIfAny("display", Display);
        json.WriteEndObject();
    }
}
