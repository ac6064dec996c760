using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

public sealed partial class OpenAiResponsesDialect
{
    /// <inheritdoc/>
    public ReadOnlyMemory<byte> KeepAliveFrame { get; } = ": keep-alive\n\n"u8.ToArray();

    /// <inheritdoc/>
    public IStreamWriter WriteStream(AnswerHead head) => new ResponsesWriter(head);

    /// <inheritdoc/>
    public byte[] WriteErrorFrame(ErrorAnswer error, bool hasIntegerCode)
    {
        ArgumentNullException.ThrowIfNull(error);
        var output = new ArrayBufferWriter<byte>(512);
        var head = new AnswerHead(error.RequestId ?? "", "", 0);
        new ResponseEvents().WriteFailure(
            output, error, ResponseObject.Write(head, new("failed", null, error), [], null, null));
        return output.WrittenSpan.ToArray();
    }
}

/// <summary>Writes the events of a stream, numbered one after the other.</summary>
/// <param name="next">The first number.</param>
internal sealed class ResponseEvents(long next = 0)
{
    private readonly ArrayBufferWriter<byte> _data = new(512);
    private Utf8JsonWriter? _json;

    /// <summary>Writes one event.</summary>
    public void Write(IBufferWriter<byte> output, string type, Action<Utf8JsonWriter> writeMembers)
    {
        _data.ResetWrittenCount();
        _json ??= new Utf8JsonWriter(_data, JsonWriting.Plain);
        _json.Reset(_data);
        _json.WriteStartObject();
        _json.WriteString("type", type);
        _json.WriteNumber("sequence_number", next++);
        writeMembers(_json);
        _json.WriteEndObject();
        _json.Flush();
        EventStreamWriter.WriteEvent(output, _data.WrittenSpan, Encoding.ASCII.GetBytes(type));
    }

    /// <summary>Writes an event that shows the whole response.</summary>
    public void WriteResponse(IBufferWriter<byte> output, string type, byte[] response) =>
        Write(output, type, json => json.WriteRaw("response", response));

    /// <summary>
    /// Writes the end of a stream that failed. OpenAI's reference has the members of the <c>error</c> event flat, its
    /// servers send them inside <c>error</c>, and clients read the one or the other; some only know the terminal
    /// event behind it.
    /// </summary>
    public void WriteFailure(IBufferWriter<byte> output, ErrorAnswer error, byte[] failedResponse)
    {
        Write(output, "error", json =>
        {
            json.WriteString("code", ResponseObject.CodeOf(error));
            json.WriteString("message", error.Message);
            json.WriteString("param", error.Param);
            json.WriteStartObject("error");
            json.WriteString("type", error.Type);
            json.WriteString("code", ResponseObject.CodeOf(error));
            json.WriteString("message", error.Message);
            json.WriteString("param", error.Param);
            if (!error.Metadata.IsEmpty)
            {
                json.WriteRaw("metadata", error.Metadata.Span);
            }

            json.WriteEndObject();
        });
        WriteResponse(output, "response.failed", failedResponse);
    }
}
