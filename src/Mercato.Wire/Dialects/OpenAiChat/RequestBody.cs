using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>One walk over a request body. Stops at the first thing to refuse.</summary>
internal sealed partial class RequestBody
{
    private const int MaxMembers = 500;
    private const int MaxToolTypes = 16;

    private readonly InputMeter _input = new();
    private readonly List<string> _serverTools = [];
    private readonly List<string> _costMembers = [];
    private JsonMembers? _members;
    private string? _model;
    private string? _serviceTier;
    private string? _session;
    private string? _cacheKey;
    private bool _isStream;
    private bool _wantsUsage;
    private bool _hasMessages;
    private long? _maxTokens;
    private long? _maxCompletionTokens;
    private long? _choices;
    private int _tools;

    public RequestRefusal? Refusal { get; private set; }

    public bool Read(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Refuse("The body must be a JSON object.", null, "invalid_type");
        }

        _members = JsonMembers.Begin(body, ref reader);
        var seen = new HashSet<string>();
        while (_members.ReadName(ref reader) is { } name)
        {
            if (!seen.Add(name))
            {
                return Refuse($"'{name}' stands in the body twice.", name, "duplicate_parameter");
            }

            if (seen.Count > MaxMembers)
            {
                return Refuse($"The body has more than {MaxMembers} members.", null, "too_large");
            }

            reader.Read();
            var valueStart = (int)reader.TokenStartIndex;
            if (!ReadMember(name, ref reader))
            {
                return false;
            }

            _members.Add(name, valueStart, ref reader);
        }

        reader.Read();
        return true;
    }

    public RequestReading Conclude(ReadOnlyMemory<byte> body)
    {
        RequestRefusal? refusal = null;
        var models = RequestWishes.ReadModels(_members!, ref refusal);
        var provider = RequestWishes.ReadProvider(_members!, ref refusal);
        var reasoning = RequestWishes.ReadReasoning(_members!, ref refusal);
        if (refusal is not null)
        {
            return new(null, refusal);
        }

        if (string.IsNullOrEmpty(_model) && models.Count == 0)
        {
            return OpenAiChatDialect.Refuse("'model' is missing.", "model", "missing_required_parameter");
        }

        if (!_hasMessages)
        {
            return OpenAiChatDialect.Refuse("'messages' is missing.", "messages", "missing_required_parameter");
        }

        return new(
            new RequestFacts
            {
                Members = _members!,
                Model = string.IsNullOrEmpty(_model) ? null : _model,
                Models = models,
                IsStream = _isStream,
                WantsUsage = _isStream && _wantsUsage,
                OutputLimit = Larger(_maxTokens, _maxCompletionTokens),
                Choices = (int)(_choices ?? 1),
                Input = _input.ToSize(body.Length),
                Tools = _tools,
                ServerTools = _serverTools,
                CostMembers = _costMembers,
                ServiceTier = _serviceTier,
                Stickiness = _session ?? _cacheKey ?? HashOpening(),
                Provider = provider,
                Reasoning = reasoning,
                Extensions = [.. RequestWishes.Names.Where(name => _members!.Find(name) is not null)],
            },
            null);
    }

    private bool ReadMember(string name, ref Utf8JsonReader reader) => name switch
    {
        "model" => ReadText(name, ref reader, out _model),
        "messages" => ReadMessages(ref reader),
        "stream" => ReadFlag(name, ref reader, out _isStream),
        "stream_options" => ReadStreamOptions(ref reader),
        "max_tokens" => ReadCount(name, ref reader, JsonCount.Limit - 1, out _maxTokens),
        "max_completion_tokens" => ReadCount(name, ref reader, JsonCount.Limit - 1, out _maxCompletionTokens),
        "n" => ReadCount(name, ref reader, 128, out _choices),
        "tools" => ReadTools(ref reader),
        "functions" => ReadFunctions(ref reader),
        "service_tier" => ReadServiceTier(ref reader),
        "session_id" => ReadText(name, ref reader, out _session),
        "prompt_cache_key" => ReadText(name, ref reader, out _cacheKey),
        "modalities" => ReadModalities(ref reader),
        "audio" or "prediction" or "web_search_options" or "search_parameters" or "search_settings"
            or "enable_search" => ReadCostMember(name, ref reader),
        _ => Skip(ref reader),
    };

    // Which of the two a host obeys is its own affair, so the bound takes the larger.
    private static long? Larger(long? one, long? other) =>
        one is null || other is null ? one ?? other : Math.Max(one.Value, other.Value);

    private bool Refuse(string message, string? param, string code)
    {
        Refusal = new RequestRefusal(message, param, code);
        return false;
    }

    private bool RefuseType(string param, string wanted) =>
        Refuse($"'{param}' must be {wanted}.", param, "invalid_type");

    private static bool Skip(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return true;
    }

    private bool ReadText(string name, ref Utf8JsonReader reader, out string? text)
    {
        text = reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= 4096
            ? JsonText.ToText(reader.ValueSpan)
            : null;
        return text is not null || reader.TokenType == JsonTokenType.Null
            || RefuseType(name, "a string of at most 4096 bytes");
    }

    private bool ReadFlag(string name, ref Utf8JsonReader reader, out bool flag)
    {
        flag = reader.TokenType == JsonTokenType.True;
        return flag || reader.TokenType is JsonTokenType.False or JsonTokenType.Null
            || RefuseType(name, "true or false");
    }

    private bool ReadCount(string name, ref Utf8JsonReader reader, long most, out long? count)
    {
        count = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return true;
        }

        if (reader.TokenType != JsonTokenType.Number)
        {
            return RefuseType(name, $"a whole number from 1 to {most}");
        }

        if (JsonCount.Read(reader.ValueSpan, out var value) != CountShape.Whole || value < 1 || value > most)
        {
            return Refuse($"'{name}' must be a whole number from 1 to {most}.", name, "invalid_value");
        }

        count = value;
        return true;
    }

    private bool ReadStreamOptions(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return true;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RefuseType("stream_options", "an object");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var isUsage = reader.Is("include_usage"u8);
            reader.Read();
            if (isUsage && !ReadFlag("stream_options.include_usage", ref reader, out _wantsUsage))
            {
                return false;
            }

            reader.Skip();
        }

        return true;
    }

    private bool ReadTools(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return true;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return RefuseType("tools", "an array");
        }

        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; _tools++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return RefuseType($"tools[{_tools}]", "an object");
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var isType = reader.Is("type"u8);
                reader.Read();
                if (isType && !ReadToolType(ref reader))
                {
                    return false;
                }

                reader.Skip();
            }
        }

        return true;
    }

    private bool ReadToolType(ref Utf8JsonReader reader)
    {
        if (!ReadText($"tools[{_tools}].type", ref reader, out var type))
        {
            return false;
        }

        if (type is not null && PaidTools.IsPaid(type) && !_serverTools.Contains(type))
        {
            _serverTools.Add(type);
        }

        return _serverTools.Count <= MaxToolTypes
            || Refuse($"'tools' has more than {MaxToolTypes} types.", "tools", "too_large");
    }

    private bool ReadFunctions(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.Null))
        {
            return RefuseType("functions", "an array");
        }

        while (reader.TokenType != JsonTokenType.Null && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            _tools++;
            reader.Skip();
        }

        return true;
    }

    private bool ReadServiceTier(ref Utf8JsonReader reader)
    {
        var isRead = ReadText("service_tier", ref reader, out _serviceTier);
        if (_serviceTier is not (null or "auto" or "default" or "flex"))
        {
            _costMembers.Add("service_tier");
        }

        return isRead;
    }

    private bool ReadModalities(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.Null))
        {
            return RefuseType("modalities", "an array of strings");
        }

        var isPlain = true;
        while (reader.TokenType != JsonTokenType.Null && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            isPlain &= reader.TokenType == JsonTokenType.String && reader.Is("text"u8);
            reader.Skip();
        }

        if (!isPlain)
        {
            _costMembers.Add("modalities");
        }

        return true;
    }

    private bool ReadCostMember(string name, ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.Null or JsonTokenType.False))
        {
            _costMembers.Add(name);
        }

        return Skip(ref reader);
    }
}
