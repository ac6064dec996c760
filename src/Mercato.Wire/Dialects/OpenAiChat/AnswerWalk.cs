using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>
/// One walk over a chat completion or a chunk of one; they differ only in <c>message</c> and <c>delta</c>. Members of
/// a wrong type are passed over: what a host sends is judged by what can be used of it.
/// </summary>
internal ref partial struct AnswerWalk(ReadOnlyMemory<byte> json, Received received)
{
    private const int MaxIdBytes = 256;

    private Utf8JsonReader _reader = new(json.Span);
    private int _plainReasoning;
    private int _namedReasoning;

    public bool IsObject { get; private set; }

    public bool HasError { get; private set; }

    public bool HasUsage { get; private set; }

    public bool HasChoices { get; private set; }

    public bool HasChoicesMember { get; private set; }

    /// <summary>Reads the whole object; throws <see cref="JsonException"/> when it is not JSON.</summary>
    public void Read()
    {
        _reader.Read();
        IsObject = _reader.TokenType == JsonTokenType.StartObject;
        if (!IsObject)
        {
            _reader.Skip();
            _reader.Read();
            return;
        }

        while (NextMember())
        {
            if (Is("choices"u8))
            {
                ReadChoices();
            }
            else if (Is("usage"u8))
            {
                ReadUsage();
            }
            else if (Is("x_groq"u8))
            {
                ReadGroq();
            }
            else if (Is("id"u8))
            {
                var id = ReadShortText();
                received.UpstreamId ??= id;
            }
            else if (Is("model"u8))
            {
                var model = ReadShortText();
                received.Model ??= model;
            }
            else if (Is("error"u8))
            {
                ReadError();
            }
            else
            {
                SkipValue();
            }
        }

        _reader.Read();
    }

    private bool NextMember() => _reader.Read() && _reader.TokenType != JsonTokenType.EndObject;

    private bool NextItem() => _reader.Read() && _reader.TokenType != JsonTokenType.EndArray;

    private readonly bool Is(ReadOnlySpan<byte> name) => _reader.Is(name);

    private void SkipValue()
    {
        _reader.Read();
        _reader.Skip();
    }

    /// <summary>Moves onto the value; true when it is an object, otherwise the value is passed over.</summary>
    private bool Enter(JsonTokenType wanted)
    {
        _reader.Read();
        if (_reader.TokenType == wanted)
        {
            return true;
        }

        _reader.Skip();
        return false;
    }

    private ReadOnlyMemory<byte> SliceValue()
    {
        var start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        return json[start..(int)_reader.BytesConsumed];
    }

    private string? ReadShortText()
    {
        _reader.Read();
        var text = _reader.TokenType == JsonTokenType.String && _reader.ValueSpan.Length is > 0 and <= MaxIdBytes
            ? JsonText.ToText(_reader.ValueSpan)
            : null;
        _reader.Skip();
        return text;
    }

    private int ReadText()
    {
        _reader.Read();
        var count = _reader.TokenType == JsonTokenType.String ? received.TakeText(_reader.ValueSpan) : 0;
        _reader.Skip();
        return count;
    }

    private void ReadUsage()
    {
        _reader.Read();
        if (_reader.TokenType is JsonTokenType.Null)
        {
            return;
        }

        received.Usage = OpenAiChatDialect.ReadUsage(SliceValue());
        HasUsage = true;
    }

    private void ReadGroq()
    {
        if (!Enter(JsonTokenType.StartObject))
        {
            return;
        }

        while (NextMember())
        {
            if (Is("usage"u8))
            {
                ReadUsage();
            }
            else if (Is("error"u8))
            {
                ReadError();
            }
            else
            {
                SkipValue();
            }
        }
    }

    private void ReadError()
    {
        _reader.Read();
        if (_reader.TokenType is JsonTokenType.Null)
        {
            return;
        }

        received.Error ??= UpstreamError.ReadInBand(SliceValue());
        HasError = true;
    }

    private void ReadChoices()
    {
        if (!Enter(JsonTokenType.StartArray))
        {
            return;
        }

        HasChoicesMember = true;
        while (NextItem())
        {
            HasChoices = true;
            if (_reader.TokenType == JsonTokenType.StartObject)
            {
                ReadChoice();
            }
            else
            {
                _reader.Skip();
            }
        }
    }

    private void ReadChoice()
    {
        while (NextMember())
        {
            if (Is("delta"u8) || Is("message"u8))
            {
                ReadMessage();
            }
            else if (Is("finish_reason"u8))
            {
                if (ReadShortText() is { } reason)
                {
                    received.AddFinishReason(reason);
                }
            }
            else if (Is("error"u8))
            {
                ReadError();
            }
            else if (Is("text"u8))
            {
                received.TextBytes += ReadText();
            }
            else
            {
                SkipValue();
            }
        }
    }
}
