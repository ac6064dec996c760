using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>
/// The usage of one answer, put together from what a host tells at the start and at the end of a stream, or at once.
/// Figures are running totals, so that a later one replaces an earlier one and is never added to it. In this dialect
/// <c>input_tokens</c> excludes what was read from or written to a cache, and <c>output_tokens</c> includes thinking.
/// Figures that can't be are flagged, and nothing is thrown.
/// </summary>
internal sealed class UsageFigures
{
    private string? _suspicion;
    private long? _input;
    private long? _cacheRead;
    private long? _cacheWrite;
    private long? _cacheWrite5m;
    private long? _cacheWrite1h;
    private long? _output;
    private long? _thinking;
    private long? _searches;
    private long? _costPico;
    private Compaction _compaction;

    /// <summary>Takes in a <c>usage</c> object; anything else but null is flagged.</summary>
    public void Take(JsonElement usage)
    {
        if (usage.ValueKind != JsonValueKind.Object)
        {
            _suspicion ??= "usage is not an object";
            return;
        }

        var counts = new UsageCounts(usage);
        _input = counts.Count("input_tokens") ?? _input;
        _output = counts.Count("output_tokens") ?? _output;
        _cacheRead = counts.Count("cache_read_input_tokens") ?? _cacheRead;
        _cacheWrite = counts.Count("cache_creation_input_tokens") ?? _cacheWrite;
        var split = usage.Find("cache_creation");
        _cacheWrite5m = counts.Count(split, "ephemeral_5m_input_tokens") ?? _cacheWrite5m;
        _cacheWrite1h = counts.Count(split, "ephemeral_1h_input_tokens") ?? _cacheWrite1h;
        _thinking = counts.Count(usage.Find("output_tokens_details"), "thinking_tokens") ?? _thinking;
        _searches = counts.Count(usage.Find("server_tool_use"), "web_search_requests") ?? _searches;
        if (usage.FindNumber("cost") is { } cost
            && JsonAmount.TryReadPico(JsonMarshal.GetRawUtf8Value(cost), out var pico))
        {
            _costPico = pico;
        }

        if (usage.Find("iterations") is { ValueKind: JsonValueKind.Array } iterations)
        {
            TakeIterations(iterations, counts);
        }

        _suspicion ??= counts.Suspicion;
    }

    /// <summary>The figures so far. At a stream's start the output figure only fills a place, so it is left
    /// out.</summary>
    public Usage ToUsage(bool isStart = false)
    {
        // More thinking than output was seen by one token; a part can't be larger than its whole.
        var thinking = _thinking > _output ? _output : _thinking;
        var fiveMinutes = _cacheWrite5m;
        if (_cacheWrite is { } written)
        {
            var rest = written - (_cacheWrite1h ?? 0);
            if (fiveMinutes > rest || rest < 0)
            {
                _suspicion ??= "cache_creation_input_tokens is less than its details";
            }

            // What the split doesn't tell of is taken to live five minutes, as it does unless asked otherwise.
            fiveMinutes = Math.Max(fiveMinutes ?? 0, Math.Max(rest, 0));
        }

        return new Usage
        {
            InputUncached = Sum(_input, _compaction.Input),
            CacheRead = Sum(_cacheRead, _compaction.CacheRead),
            CacheWrite5m = Sum(fiveMinutes, _compaction.CacheWrite),
            CacheWrite1h = _cacheWrite1h,
            OutputText = isStart ? null : Sum(_output - (thinking ?? 0), _compaction.Output),
            Reasoning = isStart ? null : thinking,
            ServerTools = _searches,
            ReportedCostPico = _costPico,
            Suspicion = _suspicion,
        };
    }

    // A compaction is a call of its own before the answer. It is billed, and the totals leave it out.
    private void TakeIterations(JsonElement iterations, UsageCounts counts)
    {
        _compaction = default;
        foreach (var iteration in iterations.EnumerateArray())
        {
            if (iteration.FindText("type") == "compaction")
            {
                _compaction = new Compaction(
                    Sum(_compaction.Input, counts.Count(iteration, "input_tokens")),
                    Sum(_compaction.CacheRead, counts.Count(iteration, "cache_read_input_tokens")),
                    Sum(_compaction.CacheWrite, counts.Count(iteration, "cache_creation_input_tokens")),
                    Sum(_compaction.Output, counts.Count(iteration, "output_tokens")));
            }
        }
    }

    private long? Sum(long? one, long? other)
    {
        var sum = one is null ? other : one + (other ?? 0);
        if (sum < JsonCount.Limit)
        {
            return sum;
        }

        _suspicion ??= sum is null ? null : "usage is out of range";
        return sum is null ? null : JsonCount.Limit - 1;
    }

    private readonly record struct Compaction(long? Input, long? CacheRead, long? CacheWrite, long? Output);
}

public sealed partial class AnthropicDialect
{
    /// <summary>Reads a whole <c>usage</c> object into the neutral record. Never throws: figures that can't be are
    /// flagged.</summary>
    public static Usage ReadUsage(ReadOnlyMemory<byte> usage)
    {
        var figures = new UsageFigures();
        if (JsonText.ParseElement(usage.Span) is not { } json)
        {
            return new Usage { Suspicion = "usage is not JSON" };
        }

        figures.Take(json);
        return figures.ToUsage();
    }
}
