using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

public sealed partial class AnthropicDialect
{
    /// <inheritdoc/>
    public UpstreamRequest WriteRequest(ChatRequest chat, HostTarget target) =>
        new RequestWriter(chat, target).Write();
}

/// <summary>Writes one request for a host.</summary>
internal sealed class RequestWriter
{
    /// <summary>For a model of which nobody knows how much it can say.</summary>
    private const long DefaultOutputLimit = 4096;
    private const int MostCacheCuts = 4;
    private const int LongestUser = 256;

    private readonly ChatRequest _chat;
    private readonly HostTarget _target;
    private readonly ClaudeModel _model;
    private readonly Conversation _conversation;
    private readonly long _outputLimit;
    private readonly byte[]? _schema;
    private readonly bool _hasAnswerTool;
    private readonly Thinking _thinking;
    private readonly List<ChatTool> _tools;
    private readonly DroppedMembers _dropped;
    private readonly ContentWriter _content;

    public RequestWriter(ChatRequest chat, HostTarget target)
    {
        (_chat, _target, _model) = (chat, target, ClaudeModel.Of(target.Model));
        _dropped = new DroppedMembers(chat);
        _conversation = new Conversation(chat.Messages, target.Provider, _model);
        var limit = target.OutputLimit ?? chat.OutputLimit ?? target.MaxOutputTokens ?? DefaultOutputLimit;
        _outputLimit = Math.Min(limit, target.MaxOutputTokens ?? limit);
        var hasSchema = target.Quirks.AcceptsJsonSchema && (target.Traits.HasNativeSchema ?? _model.HasNativeSchema);
        _schema = hasSchema && chat.Format?.Schema is { } schema ? AnswerSchema.Write(schema) : null;
        _hasAnswerTool = chat.Format is not null && _schema is null;
        _tools = [.. chat.Tools.Where(IsCarried)];
        _thinking = ToThinking();
        _content = new ContentWriter(CountCuts() - MostCacheCuts);
    }

    private bool IsForced => _model.CanBeForced
        && (_hasAnswerTool || _chat.ToolChoice?.Kind is ToolChoiceKind.Required or ToolChoiceKind.Named);

    public UpstreamRequest Write()
    {
        var body = JsonWriting.WriteObject(json =>
        {
            json.WriteString("model", _target.Model);
            json.WriteNumber("max_tokens", _outputLimit);
            // What a host caches begins with the tools, then come the instructions, then the conversation.
            WriteTools(json);
            WriteToolChoice(json);
            WriteSystem(json);
            WriteMessages(json);
            WriteSampling(json);
            json.WriteTexts("stop_sequences", [.. _chat.Stop.Where(text => !string.IsNullOrWhiteSpace(text))]);
            _thinking.WriteTo(json);
            WriteOutputConfig(json);
            if (_chat.EndUser is { Length: > 0 and <= LongestUser } user)
            {
                json.WriteStartObject("metadata");
                json.WriteString("user_id", user);
                json.WriteEndObject();
            }

            if (_chat.IsStream)
            {
                json.WriteBoolean("stream", true);
            }
        });
        NoteDropped();
        return new(WithoutRefused(body), _dropped.Names);
    }

    private byte[] WithoutRefused(byte[] body)
    {
        var splice = JsonSplice.Read(body)!;
        foreach (var name in _target.Quirks.RefusedMembers.Where(name => splice.FindValue(name) is not null))
        {
            splice.Remove(name);
            _dropped.Add(name);
        }

        return splice.IsEmpty ? body : splice.ToBytes();
    }

    private bool IsCarried(ChatTool tool)
    {
        var name = tool switch
        {
            FunctionTool function => function.Name,
            CustomTool custom => custom.Name,
            OpaqueTool opaque => opaque.Json.FindText("name") ?? opaque.Type,
            _ => "",
        };
        return tool is not OpaqueTool { Dialect: not Dialect.Anthropic }
            && _chat.ToolChoice?.Allowed?.Contains(name) != false;
    }

    private Thinking ToThinking()
    {
        if (!(_target.Traits.Reasons ?? _model.CanThink))
        {
            return default;
        }

        var thinking = Thinking.Of(_chat.Reasoning, _model, _outputLimit);
        // With a budget, a host refuses a forced tool, an answer that is begun for it, and tool calls that it did not
        // think about. Each of these was asked for more clearly than the thinking.
        return thinking.Kind == ThinkingKind.Budget
            && (IsForced || _conversation.HasOpenAnswer || _conversation.LacksThought)
            ? default
            : thinking;
    }

    private void WriteTools(Utf8JsonWriter json)
    {
        if (_tools.Count == 0 && !_hasAnswerTool)
        {
            return;
        }

        json.WriteStartArray("tools");
        foreach (var tool in _tools)
        {
            _content.WriteTool(json, tool);
        }

        if (_hasAnswerTool)
        {
            AnswerTool.Write(json, _chat.Format!);
        }

        json.WriteEndArray();
    }

    private void WriteToolChoice(Utf8JsonWriter json)
    {
        var wish = _chat.ToolChoice;
        var type = _tools.Count == 0 && !_hasAnswerTool ? null
            : _hasAnswerTool ? (_tools.Count == 0 || wish?.Kind == ToolChoiceKind.None ? "tool" : "any")
            : wish?.Kind switch
            {
                ToolChoiceKind.Auto => "auto",
                ToolChoiceKind.None => "none",
                ToolChoiceKind.Required => "any",
                ToolChoiceKind.Named => "tool",
                _ => _chat.AllowsParallelCalls == false ? "auto" : null,
            };
        if (type is null)
        {
            return;
        }

        if (type is "any" or "tool" && !_model.CanBeForced)
        {
            type = "auto";
            _dropped.Add("tool_choice");
        }

        json.WriteStartObject("tool_choice");
        json.WriteString("type", type);
        if (type == "tool")
        {
            json.WriteString("name", _hasAnswerTool ? AnswerTool.Name : wish!.Name);
        }

        if (_chat.AllowsParallelCalls == false && type != "none")
        {
            json.WriteBoolean("disable_parallel_tool_use", true);
        }

        json.WriteEndObject();
    }

    private void WriteSystem(Utf8JsonWriter json)
    {
        var messages = _conversation.System;
        if (messages.Count == 0)
        {
            return;
        }

        json.WritePropertyName("system");
        _content.WriteSystem(json, messages);
    }

    private void WriteMessages(Utf8JsonWriter json)
    {
        json.WriteStartArray("messages");
        foreach (var turn in _conversation.Turns)
        {
            json.WriteStartObject();
            json.WriteString("role", turn.Role switch
            {
                ChatRole.Assistant => "assistant",
                ChatRole.System => "system",
                _ => "user",
            });
            json.WriteStartArray("content");
            foreach (var part in turn.Parts)
            {
                _content.WritePart(json, part);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteSampling(Utf8JsonWriter json)
    {
        var takesSampling = (_target.Traits.TakesSampling ?? true) && !_model.IsAdaptiveOnly && !_thinking.IsOn;
        if (!takesSampling)
        {
            // One is what thinking runs at anyway.
            _dropped.AddIf(_chat.Temperature is { } wish && wish.ToRaw() is not ("1" or "1.0"), "temperature");
            _dropped.AddIf(_chat.TopP is not null, "top_p");
            _dropped.AddIf(_chat.TopK is not null, "top_k");
            return;
        }

        if (_chat.Temperature is { } temperature)
        {
            // Other dialects go up to 2, this one to 1.
            var isTooHot = !temperature.TryGetDecimal(out var degrees) || degrees > 1;
            _dropped.AddIf(isTooHot, "temperature");
            json.WriteRaw("temperature", isTooHot ? JsonElement.Parse("1"u8) : temperature);
        }

        if (_chat.Temperature is not null && _model.TakesOneSampling)
        {
            _dropped.AddIf(_chat.TopP is not null, "top_p");
        }
        else
        {
            json.WriteRaw("top_p", _chat.TopP);
        }

        json.WriteRaw("top_k", _chat.TopK);
    }

    private void WriteOutputConfig(Utf8JsonWriter json)
    {
        if (_thinking.Effort is null && _schema is null)
        {
            return;
        }

        json.WriteStartObject("output_config");
        json.WriteTextIfAny("effort", _thinking.Effort);
        if (_schema is not null)
        {
            json.WriteStartObject("format");
            json.WriteString("type", "json_schema");
            json.WriteRaw("schema", _schema);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void NoteDropped()
    {
        _dropped.AddIf(_chat.Tools.Any(tool => tool is OpaqueTool { Dialect: not Dialect.Anthropic }), "tools");
        var wantsThought = _chat.Reasoning is { } wish && wish.IsEnabled != false && wish.Effort != "none"
            && (wish.IsEnabled ?? (wish.Effort is not null || wish.BudgetTokens is not null));
        _dropped.AddIf(wantsThought && !_thinking.IsOn, "reasoning");
        _dropped.AddIf(_conversation.HasLosses, "messages");
        _dropped.AddIf(_chat.FrequencyPenalty is not null, "frequency_penalty");
        _dropped.AddIf(_chat.PresencePenalty is not null, "presence_penalty");
        _dropped.AddIf(_chat.Seed is not null, "seed");
        _dropped.AddIf(_chat.Verbosity is not null, "verbosity");
        _dropped.AddIf(_chat.Choices > 1, "n");
    }

    private int CountCuts() =>
        _tools.Count(tool => tool.CacheHint is not null)
        + _conversation.System.Concat(_conversation.Turns.Select(turn => turn.Parts))
            .Sum(parts => parts.Sum(ContentWriter.CountCuts));
}
