using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

internal sealed partial class RequestBody
{
    private const int HashedBytes = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _opening = new();
    private bool _hasFirstUser;

    private bool ReadMessages(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return RefuseType("messages", "an array of messages");
        }

        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; _input.Messages++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return RefuseType($"messages[{_input.Messages}]", "an object");
            }

            if (!ReadMessage(ref reader))
            {
                return false;
            }
        }

        _hasMessages = true;
        return _input.Messages > 0 || Refuse("'messages' is empty.", "messages", "invalid_value");
    }

    private bool ReadMessage(ref Utf8JsonReader reader)
    {
        var path = $"messages[{_input.Messages}]";
        string? role = null;
        var content = default(Range);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var isRole = reader.Is("role"u8);
            var isContent = reader.Is("content"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (isRole ? !ReadText(path + ".role", ref reader, out role)
                : isContent && !ReadContent(path + ".content", ref reader))
            {
                return false;
            }

            reader.Skip();
            content = isContent ? start..(int)reader.BytesConsumed : content;
        }

        NoteForStickiness(role, content);
        return true;
    }

    private void NoteForStickiness(string? role, Range content)
    {
        var isFirstUser = role == "user" && !_hasFirstUser;
        if (isFirstUser || role is "system" or "developer")
        {
            _hasFirstUser |= isFirstUser;
            var bytes = _members!.Document.Span[content];
            _opening.Write(bytes[..Math.Min(bytes.Length, HashedBytes - _opening.WrittenCount)]);
        }
    }

    private string HashOpening() => Convert.ToHexStringLower(SHA256.HashData(_opening.WrittenSpan));

    private bool ReadContent(string path, ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.String or JsonTokenType.Null)
        {
            return true;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return RefuseType(path, "a string or an array of parts");
        }

        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadPart(ref reader);
            }
            else if (reader.TokenType != JsonTokenType.String)
            {
                return RefuseType($"{path}[{index}]", "an object");
            }
        }

        return true;
    }

    // A part is known by the member that carries its payload: its "type" may stand behind it.
    private void ReadPart(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var kind = reader.Is("image_url"u8) ? PartKind.Image
                : reader.Is("input_audio"u8) ? PartKind.Audio
                : reader.Is("file"u8) || reader.Is("video_url"u8)
                    || reader.Is("document_url"u8) ? PartKind.File
                : PartKind.Other;
            reader.Read();
            if (kind == PartKind.Other)
            {
                reader.Skip();
            }
            else if (reader.TokenType == JsonTokenType.String)
            {
                AddPayload(kind, reader.ValueSpan);
            }
            else if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadPayload(kind, ref reader);
            }
        }
    }

    private void ReadPayload(PartKind kind, ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var isPayload = reader.Is("url"u8) || reader.Is("data"u8)
                || reader.Is("file_data"u8) || reader.Is("file_url"u8);
            var isRemote = kind == PartKind.File && reader.Is("file_id"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && isPayload)
            {
                AddPayload(kind, reader.ValueSpan);
            }
            else if (reader.TokenType == JsonTokenType.String && isRemote)
            {
                _input.AddRemoteFile();
            }

            reader.Skip();
        }
    }

    private void AddPayload(PartKind kind, ReadOnlySpan<byte> escaped)
    {
        switch (kind)
        {
            case PartKind.Image: _input.AddImage(escaped); break;
            case PartKind.Audio: _input.AddAudio(escaped); break;
            case PartKind.File: _input.AddFile(escaped); break;
        }
    }

    private enum PartKind { Other, Image, Audio, File }
}
