using System.Buffers;
using System.Text;
using System.Text.Json;
using Mercato.Wire;

namespace Mercato.Wire.Tests.OpenAiResponses;

public sealed class RelayStreamTests
{
    private const string Opening = "event: response.created\r\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_h\",\"n\":1.0,\"status\":\"in_progress\",\"error\":null}}\r\n\r\n";
    private const string Piece = "event: response.output_text.delta\ndata:  {\"type\":\"response.output_text.delta\",\"sequence_number\":1,\"output_index\":0,\"content_index\":0,\"delta\":\"\\u00e9\"}\n\n";
    private const string Last = "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":2, \"response\":{\"id\":\"resp_h\",\"output\":[],\"usage\":{\"input_tokens\":1,\"output_tokens\":2,\"n\":1.0}}}\n\n";

    [Fact]
    public void Bytes_passAndTheBillGoesIntoTheLast()
    {
        var (relay, received, output) = Take(Opening + ": ping\n\n" + Piece + Last + "data: [DONE]\n\n");
        Wire.Text(output.WrittenMemory).ShouldBe(": ping\n\n" + Opening + Piece);
        (received.IsEnded, received.TextBytes, relay.MayEnd).ShouldBe((true, 2, true));

        relay.Finish(new AnswerEnding(received.Finish, received.Usage!, Wire.Paid, true), output);

        Wire.Text(output.WrittenMemory).ShouldBe(
            ": ping\n\n" + Opening + Piece
            + "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":2, \"response\":{\"id\":\"resp_h\",\"output\":[],\"usage\":{\"input_tokens\":1,\"output_tokens\":2,\"n\":1.0,"
            + Wire.ShownCost + "}}}\n\n");
    }

    [Theory]
    [InlineData("event: response.output_te")]
    [InlineData(": still he")]
    public void LineTornOff_isNotPassedOn(string torn) =>
        Wire.Text(Take(Piece + torn).Output.WrittenMemory).ShouldBe(Piece);

    [Fact]
    public void WithoutABill_theLastIsAsItCame()
    {
        var (relay, received, output) = Take(Piece + Last);
        relay.Finish(new AnswerEnding(received.Finish, received.Usage!, null, true), output);

        Wire.Text(output.WrittenMemory).ShouldBe(Piece + Last);
    }

    [Fact]
    public void LastWithoutUsage_getsWhatWasCounted()
    {
        var (relay, received, output) = Take("data: {\"type\":\"response.incomplete\",\"response\":{\"output\":[]}}\n\n");
        relay.Finish(new AnswerEnding(received.Finish, new Usage { InputUncached = 1, OutputText = 2 }, Wire.Paid, true), output);

        Wire.Text(output.WrittenMemory).ShouldBe(
            "data: {\"type\":\"response.incomplete\",\"response\":{\"output\":[],\"usage\":{\"input_tokens\":1,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":2,\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":3,"
            + Wire.ShownCost + "}}}\n\n");
    }

    [Fact]
    public void Opening_waitsSoThatAnotherHostCanBeTried()
    {
        var (relay, received, output) = Take(
            Opening + "event: error\ndata: {\"type\":\"error\",\"sequence_number\":1,\"code\":\"server_error\",\"message\":\"Overloaded.\"}\n\n");

        output.WrittenCount.ShouldBe(0);
        received.Error!.Message.ShouldBe("Overloaded.");
        relay.MayEnd.ShouldBeFalse();
    }

    [Fact]
    public void BrokenStream_endsInTheHostsOwnResponseFailed()
    {
        var (relay, _, output) = Take(Opening + Piece);
        relay.Fail(
            new ErrorAnswer(502, "Broke off.", "api_error", "upstream_broken"), false,
            new AnswerEnding(null, new Usage { InputUncached = 1, OutputText = 2 }, Wire.Paid, true), output);

        var datas = Wire.Datas(Wire.Text(output.WrittenMemory)[(Opening + Piece).Length..]);
        datas.Select(data => (data.GetProperty("type").GetString(), data.GetProperty("sequence_number").GetInt32()))
            .ShouldBe([("error", 2), ("response.failed", 3)]);
        var response = datas[1].GetProperty("response");
        response.GetProperty("id").GetString().ShouldBe("resp_h");
        response.GetProperty("status").GetString().ShouldBe("failed");
        response.GetProperty("n").Raw().ShouldBe("1.0");
        response.GetProperty("error").Raw().ShouldBe("""{"code":"upstream_broken","message":"Broke off."}""");
        response.GetProperty("usage").GetProperty("cost").Raw().ShouldBe("0.5");
    }

    [Fact]
    public void HostsOwnFailure_isToldInOurWords()
    {
        var (relay, received, output) = Take(
            Opening + Piece + "data: {\"type\":\"response.failed\",\"sequence_number\":2,\"response\":{\"id\":\"resp_h\",\"output\":[{\"id\":\"m\"}],\"error\":{\"message\":\"key sk-abcdefghijkl\"},\"usage\":{\"input_tokens\":1}}}\n\n");
        received.Usage!.InputUncached.ShouldBe(1);
        relay.Fail(new ErrorAnswer(502, "Failed.", "api_error"), false, new AnswerEnding(null, received.Usage, Wire.Paid, true), output);

        var text = Wire.Text(output.WrittenMemory);
        text.ShouldNotContain("sk-abc");
        Wire.Datas(text[Opening.Length..])[^1].GetProperty("response").GetProperty("output")[0].GetProperty("id").GetString().ShouldBe("m");
    }

    [Fact]
    public void HoweverTheBytesAreCut_theSameLeaves()
    {
        var stream = Encoding.UTF8.GetBytes(Opening + Piece + Last);
        for (var cut = 1; cut < stream.Length; cut++)
        {
            var (_, _, output) = Take(stream[..cut], stream[cut..]);
            Wire.Text(output.WrittenMemory).ShouldBe(Opening + Piece, $"cut at {cut}");
        }
    }

    private static (IStreamRelay Relay, Received Received, ArrayBufferWriter<byte> Output) Take(string stream) =>
        Take(Encoding.UTF8.GetBytes(stream));

    private static (IStreamRelay Relay, Received Received, ArrayBufferWriter<byte> Output) Take(params byte[][] pieces)
    {
        var (relay, received, output) = (Wire.Client.RelayStream(Wire.Head, showsUsage: true), new Received(), new ArrayBufferWriter<byte>());
        using var frames = EventStreamReader.ForEvents();
        foreach (var piece in pieces.Append([]))
        {
            frames.Push(piece);
            if (piece.Length == 0)
            {
                frames.Complete();
            }

            while (frames.TryRead(out var frame))
            {
                relay.Take(frame, received, output);
            }
        }

        return (relay, received, output);
    }
}
