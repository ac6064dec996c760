using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

internal ref partial struct AnswerWalk
{
    private void ReadMessage()
    {
        if (!Enter(JsonTokenType.StartObject))
        {
            return;
        }

        (_plainReasoning, _namedReasoning) = (0, 0);
        while (NextMember())
        {
            if (Is("content"u8))
            {
                ReadContent();
            }
            else if (Is("reasoning_content"u8))
            {
                _namedReasoning = ReadReasoning(_plainReasoning);
            }
            else if (Is("reasoning"u8))
            {
                _plainReasoning = ReadReasoning(_namedReasoning);
            }
            else if (Is("refusal"u8))
            {
                var count = ReadText();
                received.TextBytes += count;
                received.HasRefusal |= count > 0;
            }
            else if (Is("tool_calls"u8))
            {
                ReadToolCalls();
            }
            else if (Is("function_call"u8))
            {
                ReadFunction();
            }
            else if (Is("audio"u8) || Is("images"u8))
            {
                _reader.Read();
                received.HasMedia |= _reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
                _reader.Skip();
            }
            else
            {
                SkipValue();
            }
        }
    }

    // Some hosts send the same reasoning under both names; it is taken once.
    private int ReadReasoning(int alreadyTaken)
    {
        if (alreadyTaken > 0)
        {
            SkipValue();
            return 0;
        }

        var count = ReadText();
        received.ReasoningBytes += count;
        return count;
    }

    // A string, or parts: {type:text,text} and Mistral's {type:thinking,thinking:[{type:text,text}]}.
    private void ReadContent()
    {
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.String)
        {
            received.TextBytes += received.TakeText(_reader.ValueSpan);
        }
        else if (_reader.TokenType == JsonTokenType.StartArray)
        {
            ReadParts(isReasoning: false);
        }
        else
        {
            _reader.Skip();
        }
    }

    private void ReadParts(bool isReasoning)
    {
        while (NextItem())
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                _reader.Skip();
                continue;
            }

            while (NextMember())
            {
                ReadPartMember(isReasoning);
            }
        }
    }

    private void ReadPartMember(bool isReasoning)
    {
        var isThinking = Is("thinking"u8);
        if (!isThinking && !Is("text"u8))
        {
            SkipValue();
            return;
        }

        _reader.Read();
        if (_reader.TokenType == JsonTokenType.String)
        {
            var count = received.TakeText(_reader.ValueSpan);
            received.ReasoningBytes += isThinking || isReasoning ? count : 0;
            received.TextBytes += isThinking || isReasoning ? 0 : count;
        }
        else if (isThinking && _reader.TokenType == JsonTokenType.StartArray)
        {
            ReadParts(isReasoning: true);
        }
        else
        {
            _reader.Skip();
        }
    }

    private void ReadToolCalls()
    {
        if (!Enter(JsonTokenType.StartArray))
        {
            return;
        }

        while (NextItem())
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                _reader.Skip();
                continue;
            }

            while (NextMember())
            {
                if (Is("function"u8) || Is("custom"u8))
                {
                    ReadFunction();
                }
                else
                {
                    SkipValue();
                }
            }
        }
    }

    private void ReadFunction()
    {
        if (!Enter(JsonTokenType.StartObject))
        {
            return;
        }

        while (NextMember())
        {
            var isName = Is("name"u8);
            if (!isName && !Is("arguments"u8) && !Is("input"u8))
            {
                SkipValue();
                continue;
            }

            _reader.Read();
            var count = _reader.TokenType == JsonTokenType.String ? received.TakeText(_reader.ValueSpan)
                : _reader.TokenType == JsonTokenType.StartObject ? received.TakeText(SliceValue().Span)
                : 0;
            _reader.Skip();
            received.ToolBytes += count;
            received.ToolCalls += isName && count > 0 ? 1 : 0;
        }
    }
}
