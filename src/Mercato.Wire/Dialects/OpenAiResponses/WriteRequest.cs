using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

public sealed partial class OpenAiResponsesDialect
{
    private const int MinOutputTokens = 16;
    private const int MaxKeyLength = 64;

    /// <inheritdoc/>
    public bool StreamsLines => false;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Headers { get; } = new Dictionary<string, string>();

    /// <inheritdoc/>
    public string PathOf(string model, bool isStream) => "responses";

    /// <summary>
    /// Writes a request that keeps nothing at the host: <c>store</c> is false, and reasoning comes back encrypted.
    /// Reasoning of other hosts is left out.
    /// </summary>
    public UpstreamRequest WriteRequest(ChatRequest chat, HostTarget target)
    {
        ArgumentNullException.ThrowIfNull(chat);
        ArgumentNullException.ThrowIfNull(target);
        var dropped = new List<string>();
        var facts = ModelNames.FactsOf(target.Model, target.Traits);
        var body = JsonWriting.WriteObject(json =>
        {
            json.WriteString("model", target.Model);
            new InputItems(json, chat, target.Provider, dropped).Write();
            WriteTools(json, chat, dropped);
            WriteFormat(json, chat, facts, dropped);
            WriteReasoning(json, chat, facts, dropped);
            WriteLimit(json, chat.OutputLimit, target.OutputLimit);
            WriteSampling(json, chat, facts, dropped);
            json.WriteTextIfAny("user", Shorten(chat.EndUser));
            json.WriteTextIfAny("prompt_cache_key", Shorten(chat.CacheKey));
            if (chat.IsStream)
            {
                json.WriteBoolean("stream", true);
            }

            json.WriteBoolean("store", false);
            json.WriteTexts("include", ["reasoning.encrypted_content"]);
        });
        foreach (var name in chat.Others)
        {
            if (!ChatRequest.SilentMembers.Contains(name))
            {
                dropped.Add(name);
            }
        }

        return new(body, [.. dropped.Distinct()]);
    }

    private static void WriteFormat(Utf8JsonWriter json, ChatRequest chat, ModelFacts facts, List<string> dropped)
    {
        var verbosity = chat.Verbosity;
        if (verbosity is not null && facts.Reasons == false)
        {
            dropped.Add("verbosity");
            verbosity = null;
        }

        if (chat.Format is null && verbosity is null)
        {
            return;
        }

        json.WriteStartObject("text");
        if (chat.Format is { } format)
        {
            json.WriteStartObject("format");
            json.WriteString("type", format.Schema is null ? "json_object" : "json_schema");
            if (format.Schema is not null)
            {
                json.WriteString("name", format.Name ?? "answer");
                json.WriteTextIfAny("description", format.Description);
                json.WriteRaw("schema", format.Schema);
                if (format.IsStrict is { } strict)
                {
                    json.WriteBoolean("strict", strict);
                }
            }

            json.WriteEndObject();
        }

        json.WriteTextIfAny("verbosity", verbosity);
        json.WriteEndObject();
    }

    private static void WriteReasoning(Utf8JsonWriter json, ChatRequest chat, ModelFacts facts, List<string> dropped)
    {
        if (chat.Reasoning is not { } wishes)
        {
            return;
        }

        var effort = facts.EffortOf(wishes);
        var summary = wishes.IsHidden ? null : wishes.Summary;
        if (facts.Reasons == false)
        {
            // A model that can't reason does what was asked when no reasoning was.
            if (effort is not (null or "none" or "minimal"))
            {
                dropped.Add("reasoning");
            }

            return;
        }

        if (effort is null && summary is null)
        {
            return;
        }

        json.WriteStartObject("reasoning");
        json.WriteTextIfAny("effort", effort);
        json.WriteTextIfAny("summary", summary);
        json.WriteEndObject();
    }

    private static void WriteLimit(Utf8JsonWriter json, long? wanted, long? allowed)
    {
        var limit = wanted is { } one && allowed is { } other ? Math.Min(one, other) : wanted ?? allowed;
        if (limit is { } tokens)
        {
            // A host of this dialect refuses anything smaller.
            json.WriteNumber("max_output_tokens", Math.Max(tokens, MinOutputTokens));
        }
    }

    private static void WriteSampling(Utf8JsonWriter json, ChatRequest chat, ModelFacts facts, List<string> dropped)
    {
        foreach (var (name, value) in (ReadOnlySpan<(string, JsonElement?)>)
            [("temperature", chat.Temperature), ("top_p", chat.TopP)])
        {
            if (facts.TakesSampling != false)
            {
                json.WriteRaw(name, value);
            }
            else if (value is not null)
            {
                dropped.Add(name);
            }
        }

        foreach (var (name, isAsked) in (ReadOnlySpan<(string, bool)>)
        [
            ("top_k", chat.TopK is not null), ("frequency_penalty", IsNotZero(chat.FrequencyPenalty)),
            ("presence_penalty", IsNotZero(chat.PresencePenalty)), ("seed", chat.Seed is not null),
            ("stop", chat.Stop.Count > 0), ("n", chat.Choices > 1),
        ])
        {
            if (isAsked)
            {
                dropped.Add(name);
            }
        }
    }

    private static bool IsNotZero(JsonElement? number) =>
        number is { } value && (!JsonDigits.TryRead(Encoding.UTF8.GetBytes(value.ToRaw()), out var digits) || !digits.IsZero);

    /// <summary>Keys have at most 64 characters here; a longer one is told by its hash, the same each time.</summary>
    private static string? Shorten(string? key) => key is { Length: > MaxKeyLength }
        ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))
        : key;
}
