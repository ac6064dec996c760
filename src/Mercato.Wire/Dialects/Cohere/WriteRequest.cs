using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Cohere;

public sealed partial class CohereDialect
{
    private const int MaxStops = 5;

    /// <inheritdoc/>
    public UpstreamRequest WriteRequest(ChatRequest chat, HostTarget target)
    {
        var dropped = new DroppedMembers(chat);
        var body = JsonWriting.WriteObject(json =>
        {
            json.WriteString("model", target.Model);
            json.WriteBoolean("stream", chat.IsStream);
            new Messages(json, chat, dropped).Write();
            WriteTools(json, chat, dropped);
            WriteLimits(json, chat, target, dropped);
            WriteFormat(json, chat, target, dropped);
            WriteThinking(json, chat, target, dropped);
        });
        dropped.AddIf(chat.Choices > 1, "n");
        dropped.AddIf(chat.AllowsParallelCalls == false, "parallel_tool_calls");
        dropped.AddIf(chat.Verbosity is not null, "verbosity");
        return new(body, dropped.Names);
    }

    private static void WriteTools(Utf8JsonWriter json, ChatRequest chat, DroppedMembers dropped)
    {
        var functions = Functions.Of(chat, dropped);
        if (functions.Count == 0)
        {
            return;
        }

        Functions.Write(json, functions);
        var choice = chat.ToolChoice;
        json.WriteTextIfAny("tool_choice", choice?.Kind switch
        {
            ToolChoiceKind.None => "NONE",
            ToolChoiceKind.Required or ToolChoiceKind.Named => "REQUIRED",
            _ => null,
        });

        // One tool among several can't be named; that some tool is called can.
        var isVague = (choice?.Kind == ToolChoiceKind.Named && functions.Count > 1) || choice?.Allowed is not null;
        dropped.AddIf(isVague, "tool_choice");
    }

    private static void WriteLimits(
        Utf8JsonWriter json, ChatRequest chat, HostTarget target, DroppedMembers dropped)
    {
        if ((target.OutputLimit ?? chat.OutputLimit) is { } limit)
        {
            json.WriteNumber("max_tokens", Math.Min(limit, target.MaxOutputTokens ?? limit));
        }

        var stops = chat.Stop.Where(stop => stop.Length > 0).ToList();
        dropped.AddIf(stops.Count > MaxStops, "stop");
        json.WriteTexts("stop_sequences", [.. stops.Take(MaxStops)]);
        if (target.Traits.TakesSampling != false)
        {
            json.WriteRaw("temperature", chat.Temperature);
            WriteTopP(json, chat.TopP);
            json.WriteRaw("k", chat.TopK);
        }
        else
        {
            dropped.AddIf(chat.Temperature is not null, "temperature");
            dropped.AddIf(chat.TopP is not null, "top_p");
            dropped.AddIf(chat.TopK is not null, "top_k");
        }

        json.WriteRaw("seed", chat.Seed);
        WritePenalty(json, "frequency_penalty", chat.FrequencyPenalty, dropped);
        WritePenalty(json, "presence_penalty", chat.PresencePenalty, dropped);
    }

    // The host takes 0.01 to 0.99; 1, which many callers send for "no limit", is nearest to its upper end.
    private static void WriteTopP(Utf8JsonWriter json, JsonElement? topP)
    {
        if (topP is { } wish && wish.TryGetDecimal(out var value) && value > 0.99m)
        {
            json.WriteRaw("p", "0.99"u8);
        }
        else
        {
            json.WriteRaw("p", topP);
        }
    }

    // From 0 to 1 here, from -2 to 2 at OpenAI.
    private static void WritePenalty(Utf8JsonWriter json, string name, JsonElement? penalty, DroppedMembers dropped)
    {
        if (penalty is not { } wish)
        {
            return;
        }

        if (wish.TryGetDecimal(out var value) && value is >= 0 and <= 1)
        {
            json.WriteRaw(name, JsonMarshal.GetRawUtf8Value(wish));
        }
        else
        {
            dropped.Add(name);
        }
    }

    private static void WriteFormat(
        Utf8JsonWriter json, ChatRequest chat, HostTarget target, DroppedMembers dropped)
    {
        if (chat.Format is not { } format)
        {
            return;
        }

        if (chat.Tools.Count > 0 && !target.Quirks.AcceptsSchemaWithTools)
        {
            dropped.Add("response_format");
            return;
        }

        var hasSchema = format.Schema is not null && target.Traits.HasNativeSchema != false;
        dropped.AddIf(format.Schema is not null && !hasSchema, "response_format");
        json.WriteStartObject("response_format");
        json.WriteString("type", "json_object");
        if (hasSchema)
        {
            json.WriteRaw("json_schema", format.Schema);
        }

        json.WriteEndObject();
    }

    private static void WriteThinking(
        Utf8JsonWriter json, ChatRequest chat, HostTarget target, DroppedMembers dropped)
    {
        if (chat.Reasoning is not { } wish)
        {
            return;
        }

        if (target.Traits.Reasons == false)
        {
            dropped.AddIf(!wish.IsOff, "reasoning");
            return;
        }

        json.WriteStartObject("thinking");
        json.WriteString("type", wish.IsOff ? "disabled" : "enabled");
        if (!wish.IsOff && wish.BudgetTokens is { } budget)
        {
            json.WriteNumber("token_budget", budget);
        }

        json.WriteEndObject();
    }
}
