using System.Text.Json;

namespace Mercato.Wire.Dialects.Ollama;

public sealed partial class OllamaDialect
{
    /// <inheritdoc/>
    public UpstreamRequest WriteRequest(ChatRequest chat, HostTarget target)
    {
        var dropped = new DroppedMembers(chat);
        var body = JsonWriting.WriteObject(json =>
        {
            json.WriteString("model", target.Model);
            // A request that doesn't say is answered by a stream.
            json.WriteBoolean("stream", chat.IsStream);
            new Messages(json, chat, dropped).Write();
            WriteTools(json, chat, dropped);
            WriteFormat(json, chat.Format, target.Traits, dropped);
            WriteThink(json, chat.Reasoning, target.Traits, dropped);
            WriteOptions(json, chat, target, dropped);
        });
        dropped.AddIf(chat.Choices > 1, "n");
        dropped.AddIf(chat.AllowsParallelCalls == false, "parallel_tool_calls");
        dropped.AddIf(chat.Verbosity is not null, "verbosity");
        return new(body, dropped.Names);
    }

    // A model that must not call is shown no tools; that it must call can't be said.
    private static void WriteTools(Utf8JsonWriter json, ChatRequest chat, DroppedMembers dropped)
    {
        var functions = Functions.Of(chat, dropped);
        dropped.AddIf(
            chat.ToolChoice is { Kind: ToolChoiceKind.Required or ToolChoiceKind.Named } or { Allowed: not null },
            "tool_choice");
        if (functions.Count == 0 || chat.ToolChoice?.Kind == ToolChoiceKind.None)
        {
            return;
        }

        Functions.Write(json, functions);
    }

    private static void WriteFormat(
        Utf8JsonWriter json, AnswerFormat? format, ModelTraits traits, DroppedMembers dropped)
    {
        if (format?.Schema is { } schema && traits.HasNativeSchema != false)
        {
            json.WriteRaw("format", schema);
        }
        else if (format is not null)
        {
            dropped.AddIf(format.Schema is not null, "response_format");
            json.WriteString("format", "json");
        }
    }

    private static void WriteThink(
        Utf8JsonWriter json, ReasoningOptions? wish, ModelTraits traits, DroppedMembers dropped)
    {
        if (wish is null)
        {
            return;
        }

        if (wish.IsOff)
        {
            json.WriteBoolean("think", false);
            return;
        }

        // A model that doesn't think answers 400 to the wish.
        if (traits.Reasons == false)
        {
            dropped.Add("reasoning");
            return;
        }

        switch (wish.Effort)
        {
            case "minimal" or "low":
                json.WriteString("think", "low");
                break;
            case "medium":
                json.WriteString("think", "medium");
                break;
            case "high" or "xhigh" or "max":
                json.WriteString("think", "high");
                break;
            default:
                json.WriteBoolean("think", true);
                break;
        }
    }

    private static void WriteOptions(
        Utf8JsonWriter json, ChatRequest chat, HostTarget target, DroppedMembers dropped)
    {
        var takesSampling = target.Traits.TakesSampling != false;
        var options = JsonWriting.WriteObject(inner =>
        {
            if ((target.OutputLimit ?? chat.OutputLimit) is { } limit)
            {
                inner.WriteNumber("num_predict", limit);
            }

            if (takesSampling)
            {
                inner.WriteRaw("temperature", chat.Temperature);
                inner.WriteRaw("top_p", chat.TopP);
                inner.WriteRaw("top_k", chat.TopK);
            }

            inner.WriteRaw("seed", chat.Seed);
            inner.WriteTexts("stop", [.. chat.Stop.Where(stop => stop.Length > 0)]);
            inner.WriteRaw("frequency_penalty", chat.FrequencyPenalty);
            inner.WriteRaw("presence_penalty", chat.PresencePenalty);
        });
        dropped.AddIf(!takesSampling && chat.Temperature is not null, "temperature");
        dropped.AddIf(!takesSampling && chat.TopP is not null, "top_p");
        dropped.AddIf(!takesSampling && chat.TopK is not null, "top_k");
        if (options.Length > 2)
        {
            json.WriteRaw("options", options);
        }
    }
}
