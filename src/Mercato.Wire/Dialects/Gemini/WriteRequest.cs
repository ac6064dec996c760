using System.Text.Json;

namespace Mercato.Wire.Dialects.Gemini;

public sealed partial class GeminiDialect
{
    private const int MaxStops = 5;

    /// <inheritdoc/>
    public UpstreamRequest WriteRequest(ChatRequest chat, HostTarget target)
    {
        var dropped = new DroppedMembers(chat);
        var model = new GeminiModel(target.Model);
        var body = JsonWriting.WriteObject(json =>
        {
            var contents = new Contents(chat, target, model, dropped);
            WriteSystem(json, chat, contents, dropped);
            contents.Write(json);
            WriteTools(json, chat, target.Quirks, dropped);
            WriteConfig(json, chat, target, model, dropped);
        });
        dropped.AddIf(chat.Choices > 1, "n");
        dropped.AddIf(chat.AllowsParallelCalls == false, "parallel_tool_calls");
        dropped.AddIf(chat.Verbosity is not null, "verbosity");
        return new(body, dropped.Names);
    }

    // Wherever they stood: the dialect has one place for instructions. A request of instructions alone is a user's.
    private static void WriteSystem(Utf8JsonWriter json, ChatRequest chat, Contents contents, DroppedMembers dropped)
    {
        var texts = new List<string>();
        foreach (var message in chat.Messages.Where(IsInstruction))
        {
            dropped.AddIf(message.Parts.Any(part => part is not TextPart), "messages");
            var isFirst = true;
            foreach (var part in message.Parts.OfType<TextPart>().Where(part => part.Text.Length > 0))
            {
                texts.Add(isFirst && texts.Count > 0 ? "\n\n" + part.Text : part.Text);
                isFirst = false;
            }
        }

        if (contents.IsEmpty)
        {
            contents.AddUserTexts(texts);
        }
        else if (texts.Count > 0)
        {
            json.WriteStartObject("systemInstruction");
            json.WriteStartArray("parts");
            foreach (var text in texts)
            {
                json.WriteStartObject();
                json.WriteString("text", text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static bool IsInstruction(ChatMessage message) => message.Role is ChatRole.System or ChatRole.Developer;

    private static void WriteTools(
        Utf8JsonWriter json, ChatRequest chat, HostQuirks quirks, DroppedMembers dropped)
    {
        var functions = Functions.Of(chat, dropped);
        if (functions.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tools");
        json.WriteStartObject();
        json.WriteStartArray("functionDeclarations");
        foreach (var function in functions)
        {
            json.WriteStartObject();
            json.WriteString("name", function.Name);
            json.WriteTextIfAny("description", function.Description);
            if (quirks.AcceptsFullSchema)
            {
                json.WriteRaw("parametersJsonSchema", function.Parameters);
            }
            else if (function.Parameters is { } schema && SchemaSubset.HasProperties(schema))
            {
                // An object without properties is refused; a function without parameters takes none.
                json.WriteRaw("parameters", SchemaSubset.Of(schema));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        WriteChoice(json, chat.ToolChoice);
    }

    // ANY forces a call, so only a caller who demands one gets it; VALIDATED narrows the choice without forcing.
    private static void WriteChoice(Utf8JsonWriter json, ToolChoice? choice)
    {
        if (choice is null)
        {
            return;
        }

        var allowed = choice.Kind == ToolChoiceKind.Named && choice.Name is not null ? [choice.Name] : choice.Allowed;
        json.WriteStartObject("toolConfig");
        json.WriteStartObject("functionCallingConfig");
        json.WriteString("mode", choice.Kind switch
        {
            ToolChoiceKind.None => "NONE",
            ToolChoiceKind.Required or ToolChoiceKind.Named => "ANY",
            _ => allowed is null ? "AUTO" : "VALIDATED",
        });
        if (choice.Kind != ToolChoiceKind.None)
        {
            json.WriteTexts("allowedFunctionNames", allowed ?? []);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteConfig(
        Utf8JsonWriter json, ChatRequest chat, HostTarget target, GeminiModel model, DroppedMembers dropped)
    {
        var config = JsonWriting.WriteObject(inner =>
        {
            if ((target.OutputLimit ?? chat.OutputLimit) is { } limit)
            {
                inner.WriteNumber("maxOutputTokens", Math.Min(limit, target.MaxOutputTokens ?? limit));
            }

            WriteSampling(inner, chat, target.Traits, dropped);
            var stops = chat.Stop.Where(stop => stop.Length > 0).ToList();
            dropped.AddIf(stops.Count > MaxStops, "stop");
            inner.WriteTexts("stopSequences", [.. stops.Take(MaxStops)]);
            WriteFormat(inner, chat, target, model, dropped);
            WriteThinking(inner, chat, target, model, dropped);
        });
        if (config.Length > 2)
        {
            json.WriteRaw("generationConfig", config);
        }
    }

    private static void WriteSampling(
        Utf8JsonWriter json, ChatRequest chat, ModelTraits traits, DroppedMembers dropped)
    {
        if (traits.TakesSampling != false)
        {
            json.WriteRaw("temperature", chat.Temperature);
            json.WriteRaw("topP", chat.TopP);
            json.WriteRaw("topK", chat.TopK);
        }
        else
        {
            dropped.AddIf(chat.Temperature is not null, "temperature");
            dropped.AddIf(chat.TopP is not null, "top_p");
            dropped.AddIf(chat.TopK is not null, "top_k");
        }

        json.WriteRaw("seed", chat.Seed);
        json.WriteRaw("frequencyPenalty", chat.FrequencyPenalty);
        json.WriteRaw("presencePenalty", chat.PresencePenalty);
    }

    private static void WriteFormat(
        Utf8JsonWriter json, ChatRequest chat, HostTarget target, GeminiModel model, DroppedMembers dropped)
    {
        if (chat.Format is not { } format)
        {
            return;
        }

        if (!model.TakesFormatWithTools && chat.Tools.Any(tool => tool is not OpaqueTool))
        {
            dropped.Add("response_format");
            return;
        }

        json.WriteString("responseMimeType", "application/json");
        if (format.Schema is not { } schema)
        {
            return;
        }

        if (target.Traits.HasNativeSchema == false)
        {
            dropped.Add("response_format");
        }
        else if (target.Quirks.AcceptsFullSchema)
        {
            json.WriteRaw("responseJsonSchema", schema);
        }
        else
        {
            json.WriteRaw("responseSchema", SchemaSubset.Of(schema));
        }
    }

    private static void WriteThinking(
        Utf8JsonWriter json, ChatRequest chat, HostTarget target, GeminiModel model, DroppedMembers dropped)
    {
        if (chat.Reasoning is not { } wish)
        {
            return;
        }

        if (target.Traits.Reasons == false)
        {
            dropped.AddIf(!wish.IsOff, "reasoning");
        }
        else if (model.WriteThinking(wish, out var isLost) is { } config)
        {
            json.WriteRaw("thinkingConfig", config);
        }
        else
        {
            dropped.AddIf(isLost, "reasoning");
        }
    }
}
