using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mercato.Wire.Dialects.Gemini;

/// <summary>What a model's name tells about how it wants to be spoken to.</summary>
/// <remarks>Sources: ai.google.dev/gemini-api/docs/thinking, /gemini-3, /thought-signatures, /function-calling.
/// </remarks>
internal sealed partial class GeminiModel
{
    private readonly string _name;
    private readonly int? _major;
    private readonly int _minor;

    /// <summary>Reads a name such as <c>gemini-3.1-flash-lite</c> or <c>models/gemini-2.5-pro</c>. Names without a
    /// version that end in <c>-latest</c> follow the newest generation.</summary>
    public GeminiModel(string name)
    {
        _name = name.ToLowerInvariant();
        if (Version().Match(_name) is { Success: true } match)
        {
            _major = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            _minor = match.Groups[2].Success
                ? int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture) : 0;
        }
        else if (_name.Contains("gemini-", StringComparison.Ordinal)
            && _name.EndsWith("-latest", StringComparison.Ordinal))
        {
            _major = 3;
            _minor = 1;
        }
    }

    /// <summary>Whether a turn's first call without a signature is answered by 400.</summary>
    public bool NeedsSignatures => _major >= 3;

    /// <summary>Whether a tool's result may hold pictures and documents itself; before Gemini 3 they follow as parts
    /// of their own.</summary>
    public bool TakesMediaInResults => !IsBefore3;

    /// <summary>Whether JSON as the answer's form and functions go together; before Gemini 3 that is 400.</summary>
    public bool TakesFormatWithTools => !IsBefore3;

    private bool IsBefore3 => _major < 3 || Is("gemma") || Is("learnlm");

    private bool IsPro => Is("-pro");

    private bool CountsThinking => _major is null or 2;

    private bool Thinks => !Is("gemma") && !Is("learnlm") && !Is("-tts") && !Is("embedding")
        && (_major is null or >= 3 || (_major == 2 && _minor >= 5 && !Is("-image")) || Is("thinking"));

    /// <summary>
    /// <c>thinkingConfig</c>: tokens up to Gemini 2.5, levels from Gemini 3 on, and whether thoughts are to be shown.
    /// Names that tell no version get tokens, which both generations take. Null when there is nothing to say; then
    /// <paramref name="isLost"/> tells whether a wish was lost.
    /// </summary>
    public byte[]? WriteThinking(ReasoningOptions wish, out bool isLost)
    {
        isLost = !Thinks && !wish.IsOff;
        if (!Thinks)
        {
            return null;
        }

        var config = JsonWriting.WriteObject(json =>
        {
            if (CountsThinking)
            {
                WriteBudget(json, wish);
            }
            else
            {
                json.WriteTextIfAny("thinkingLevel", LevelOf(wish));
            }

            if (!wish.IsOff && !wish.IsHidden)
            {
                json.WriteBoolean("includeThoughts", true);
            }
        });
        return config.Length > 2 ? config : null;
    }

    // Pro models can't be told not to think.
    private void WriteBudget(Utf8JsonWriter json, ReasoningOptions wish)
    {
        var most = IsPro ? 32_768 : 24_576;
        var least = IsPro ? 128 : Is("-lite") ? 512 : 1;
        var budget = wish.IsOff ? 0 : wish.BudgetTokens ?? wish.Effort switch
        {
            "minimal" => 512,
            "low" => 1_024,
            "medium" => 8_192,
            "high" => 24_576,
            "xhigh" or "max" => most,
            _ => wish.IsEnabled == true ? -1 : null,
        };
        if (budget is { } tokens)
        {
            json.WriteNumber("thinkingBudget", tokens switch
            {
                < 0 => -1,
                0 => IsPro ? least : 0,
                _ => Math.Clamp(tokens, least, most),
            });
        }
    }

    private string? LevelOf(ReasoningOptions wish)
    {
        var least = IsPro ? "low" : "minimal";
        var middle = IsPro && _major == 3 && _minor == 0 ? "high" : "medium";
        return wish.IsOff ? least : wish switch
        {
            { BudgetTokens: <= 2_048 } => "low",
            { BudgetTokens: <= 12_288 } => middle,
            { BudgetTokens: not null } => "high",
            { Effort: "minimal" } => least,
            { Effort: "low" } => "low",
            { Effort: "medium" } => middle,
            { Effort: "high" or "xhigh" or "max" } => "high",
            _ => null,
        };
    }

    private bool Is(string word) => _name.Contains(word, StringComparison.Ordinal);

    [GeneratedRegex(@"(?:^|/)gemini-(\d{1,2})(?:\.(\d{1,2}))?(?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
