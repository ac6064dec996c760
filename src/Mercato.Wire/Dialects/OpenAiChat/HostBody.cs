using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>Writes a request in neutral form for a host of this dialect. What the host can't take is left out and
/// named.</summary>
internal sealed partial class HostBody(ChatRequest chat, HostTarget target)
{
    /// <summary>OpenAI's limits.</summary>
    private const int MaxStops = 4;
    private const int MaxNameLength = 64;

    private readonly HostQuirks _quirks = target.Quirks;
    private readonly bool _reasons = OpenAiModels.Reasons(target.Model);
    private readonly DroppedMembers _dropped = new(chat);

    public UpstreamRequest Write()
    {
        var body = JsonWriting.WriteObject(json =>
        {
            json.WriteString("model", target.Model);
            WriteMessages(json);
            WriteTools(json);
            WriteFormat(json);
            WriteLimits(json);
            WriteSampling(json);
            WriteReasoning(json);
            WriteHints(json);
            if (chat.IsStream)
            {
                json.WriteBoolean("stream", true);
                if (_quirks.AcceptsStreamOptions)
                {
                    json.WriteStartObject("stream_options");
                    json.WriteBoolean("include_usage", true);
                    json.WriteEndObject();
                }
            }
        });
        _dropped.AddIf(chat.Choices > 1, "n");
        return new(body, _dropped.Names);
    }

    /// <summary>Whether the host takes a member that the caller wants; where not, it is named.</summary>
    private bool Takes(string name, bool isKnown = true)
    {
        var takes = isKnown && !_quirks.RefusedMembers.Contains(name);
        _dropped.AddIf(!takes, name);
        return takes;
    }

    private void WriteFormat(Utf8JsonWriter json)
    {
        if (chat.Format is not { } format || !Takes("response_format"))
        {
            return;
        }

        json.WriteStartObject("response_format");
        if (format.Schema is { } schema && HasSchema)
        {
            json.WriteString("type", "json_schema");
            json.WriteStartObject("json_schema");
            json.WriteString("name", NameOf(format));
            json.WriteTextIfAny("description", format.Description);
            json.WriteRaw("schema", schema);
            if (format.IsStrict is { } isStrict)
            {
                json.WriteBoolean("strict", isStrict);
            }

            json.WriteEndObject();
        }
        else
        {
            // The schema itself is told in words, at the conversation's beginning.
            json.WriteString("type", "json_object");
        }

        json.WriteEndObject();
    }

    private bool HasSchema => _quirks.AcceptsJsonSchema && target.Traits.HasNativeSchema != false;

    private static string NameOf(AnswerFormat format)
    {
        var name = string.Concat((format.Name ?? "").Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-')
            .Take(MaxNameLength));
        return name.Length == 0 ? "answer" : name;
    }

    private void WriteLimits(Utf8JsonWriter json)
    {
        if ((target.OutputLimit ?? chat.OutputLimit) is { } limit)
        {
            // A host refuses a limit that is larger than what its model can say.
            json.WriteNumber(
                _reasons ? "max_completion_tokens" : _quirks.OutputLimitName,
                Math.Min(limit, target.MaxOutputTokens ?? limit));
        }

        var stops = chat.Stop.Where(text => text.Length > 0).ToList();
        if (stops.Count > 0 && Takes("stop", !_reasons))
        {
            json.WriteTexts("stop", [.. stops.Take(MaxStops)]);
            _dropped.AddIf(stops.Count > MaxStops, "stop");
        }
    }

    private void WriteSampling(Utf8JsonWriter json)
    {
        var isKnown = target.Traits.TakesSampling ?? !_reasons;
        WriteNumber("temperature", "temperature", chat.Temperature, isKnown);
        WriteNumber("top_p", "top_p", chat.TopP, isKnown);
        WriteNumber("top_k", "top_k", chat.TopK, isKnown && _quirks.AcceptsTopK);
        WriteNumber("frequency_penalty", "frequency_penalty", chat.FrequencyPenalty, isKnown);
        WriteNumber("presence_penalty", "presence_penalty", chat.PresencePenalty, isKnown);
        WriteNumber("seed", _quirks.SeedName, chat.Seed, true);

        void WriteNumber(string name, string hostName, JsonElement? value, bool isTaken)
        {
            if (value is not null && Takes(name, isTaken))
            {
                json.WriteRaw(hostName, value);
            }
        }
    }

    private void WriteReasoning(Utf8JsonWriter json)
    {
        var wish = chat.Reasoning;
        var effort = wish?.IsEnabled == false ? "none"
            : wish?.Effort ?? (wish?.BudgetTokens is { } budget ? OpenAiModels.EffortOf(budget) : null);
        if (effort is null)
        {
            return;
        }

        if ((_quirks.AcceptsReasoningEffort || _reasons) && target.Traits.Reasons != false)
        {
            json.WriteString("reasoning_effort", OpenAiModels.EffortFor(target.Model, effort));
        }
        else
        {
            // A model that can't reason does as told when it is told not to.
            _dropped.AddIf(effort != "none" || target.Traits.Reasons != false, "reasoning");
        }
    }

    private void WriteHints(Utf8JsonWriter json)
    {
        if (chat.Verbosity is { } verbosity && Takes("verbosity", _quirks.AcceptsVerbosity))
        {
            json.WriteString("verbosity", verbosity);
        }

        if (chat.EndUser is { } user && Takes("user"))
        {
            json.WriteString("user", FitName(user));
        }

        if (chat.CacheKey is { } key && Takes("prompt_cache_key", _quirks.AcceptsCacheKey))
        {
            json.WriteString("prompt_cache_key", FitName(key));
        }
    }

    // Names of users and keys mean nothing to the host but that equal ones are equal.
    private static string FitName(string name) => name.Length <= MaxNameLength
        ? name
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
}
