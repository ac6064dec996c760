using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

public sealed partial class OpenAiChatDialect
{
    /// <summary>A tick of xAI's <c>cost_in_usd_ticks</c> in pico-dollars: 10^10 ticks are one dollar.</summary>
    private const long PicoPerTick = 100;

    /// <summary>
    /// Reads a <c>usage</c> object into the neutral record. In this dialect <c>prompt_tokens</c> includes cached and
    /// audio tokens and <c>completion_tokens</c> includes reasoning (<c>input_tokens</c> and <c>output_tokens</c> where
    /// a host spells them as Responses does); hosts that count apart (xAI's reasoning,
    /// Mistral's audio) are told by their own <c>total_tokens</c>. Never throws: figures that can't be are flagged.
    /// </summary>
    public static Usage ReadUsage(ReadOnlyMemory<byte> usage)
    {
        using var document = JsonText.Parse(usage);
        return document switch
        {
            null => new Usage { Suspicion = "usage is not JSON" },
            { RootElement.ValueKind: JsonValueKind.Object } => new UsageFigures(document.RootElement).ToUsage(),
            _ => new Usage { Suspicion = "usage is not an object" },
        };
    }

    private sealed class UsageFigures(JsonElement usage)
    {
        private string? _suspicion;

        public Usage ToUsage()
        {
            var (inputName, outputName) = usage.TryGetProperty("prompt_tokens", out _)
                || usage.TryGetProperty("completion_tokens", out _)
                ? ("prompt_tokens", "completion_tokens") : ("input_tokens", "output_tokens");
            var prompt = Count(usage, inputName);
            var completion = Count(usage, outputName);
            var total = Count(usage, "total_tokens");
            var input = Child("prompt_tokens_details") ?? Child("prompt_token_details")
                ?? Child("input_tokens_details");
            var output = Child("completion_tokens_details") ?? Child("completion_token_details")
                ?? Child("output_tokens_details");
            var cacheRead = Count(input, "cached_tokens") ?? Count(usage, "prompt_cache_hit_tokens")
                ?? Count(usage, "num_cached_tokens") ?? Count(usage, "cached_tokens");
            var cacheWrite = Count(input, "cache_write_tokens") ?? Count(input, "cache_creation_tokens");
            var audioInput = Count(input, "audio_tokens");
            var reasoning = Count(output, "reasoning_tokens") ?? Count(usage, "reasoning_tokens");
            var audioOutput = Count(output, "audio_tokens");
            var images = Count(output, "image_tokens");

            // What the host's own sum needs on top of prompt and completion was counted apart from them.
            var apart = total - prompt - completion;
            var isAudioApart = audioInput > 0 && apart == audioInput;
            var isReasoningApart = reasoning > 0 && apart == reasoning;
            // A part can't be larger than its whole: Grok on Azure counts cache reads beside the prompt.
            var isCacheApart = cacheRead > prompt;
            if (!isReasoningApart && reasoning > completion)
            {
                // OpenRouter was seen reporting one token more of reasoning than of output.
                reasoning = completion;
            }

            return new Usage
            {
                InputUncached = Rest(
                    inputName, prompt, isCacheApart ? null : cacheRead, cacheWrite,
                    isAudioApart ? null : audioInput),
                StatedInput = isCacheApart ? prompt : null,
                CacheRead = cacheRead,
                CacheWrite5m = cacheWrite,
                AudioInput = audioInput,
                OutputText = Rest(
                    outputName, completion, isReasoningApart ? null : reasoning, audioOutput, images),
                Reasoning = reasoning,
                AudioOutput = audioOutput,
                Images = images,
                ServerTools = Count(
                    Child("server_tool_use_details") ?? Child("server_tool_use"), "web_search_requests")
                    ?? Count(usage, "num_server_side_tools_used"),
                ReportedCostPico = Cost(),
                Suspicion = _suspicion,
            };
        }

        private JsonElement? Child(string name) =>
            usage.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Object ? child : null;

        private long? Count(JsonElement? owner, string name)
        {
            if (owner is not { } element || !element.TryGetProperty(name, out var value)
                || value.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            var shape = value.ValueKind == JsonValueKind.Number
                ? JsonCount.Read(JsonMarshal.GetRawUtf8Value(value), out var count)
                : JsonCount.Read(default, out count);
            if (shape == CountShape.Whole)
            {
                return count;
            }

            _suspicion ??= $"{name} is {Words(shape)}";
            return null;
        }

        private static string Words(CountShape shape) => shape switch
        {
            CountShape.Negative => "negative",
            CountShape.Fraction => "not whole",
            CountShape.Huge => "out of range",
            _ => "not a number",
        };

        private long? Rest(string name, long? whole, params ReadOnlySpan<long?> parts)
        {
            var rest = whole;
            foreach (var part in parts)
            {
                rest -= part ?? 0;
            }

            if (rest < 0)
            {
                _suspicion ??= $"{name} is less than its details";
                return 0;
            }

            return rest;
        }

        // A number (OpenRouter), an object with total_cost (Perplexity), or ticks (xAI). A cost that can't be read
        // is left out: it is the provider's word to us, and nobody is billed by it.
        private long? Cost()
        {
            if (usage.TryGetProperty("cost_in_usd_ticks", out var ticks)
                && ticks.ValueKind == JsonValueKind.Number && ticks.TryGetInt64(out var count)
                && count is >= 0 and < long.MaxValue / PicoPerTick)
            {
                return count * PicoPerTick;
            }

            if (!usage.TryGetProperty("cost", out var cost)
                || (cost.ValueKind == JsonValueKind.Object && !cost.TryGetProperty("total_cost", out cost)))
            {
                return null;
            }

            return cost.ValueKind == JsonValueKind.Number
                && JsonAmount.TryReadPico(JsonMarshal.GetRawUtf8Value(cost), out var pico) ? pico : null;
        }
    }
}
