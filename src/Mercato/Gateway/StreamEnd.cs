using System.Buffers;
using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>The last bytes of a stream, which leave once the call is settled.</summary>
internal static class StreamEnd
{
    public static ReadOnlyMemory<byte> Write(GatewayCall call, PumpResult result, AnswerCost cost)
    {
        var output = new ArrayBufferWriter<byte>();
        var ending = new AnswerEnding(call.Received.Finish, UsageOf(call), cost, call.ShowsUsage);
        if (result.Deltas is { } whole)
        {
            Replay(call, whole, ending, output);
        }
        else if (result.End == AnswerEnd.Failed)
        {
            call.Relay!.Fail(CallerErrors.Of(UpstreamErrors.ToRefusal(result.Error!, call.Candidate), call),
                call.IsOpenRouterFace, ending, output);
        }
        else
        {
            call.Relay!.Finish(ending, output);
        }

        return output.WrittenMemory;
    }

    /// <summary>What was used, as told or as counted.</summary>
    public static Usage UsageOf(GatewayCall call) =>
        call.Received.Usage is { IsSuspect: false } told && call.Op!.UsageSource != "counted"
            ? told
            : new Usage { InputUncached = call.Op!.InputTokens, OutputText = call.Op.OutputTokens };

    /// <summary>A host answered whole though it was asked for a stream: the caller gets its stream at once.</summary>
    private static void Replay(
        GatewayCall call, IReadOnlyList<ChatDelta> whole, AnswerEnding ending, ArrayBufferWriter<byte> output)
    {
        var writer = call.Dialect.WriteStream(call.Head());
        foreach (var delta in whole.Where(delta => delta is not (FinishDelta or UsageDelta)))
        {
            writer.Write(delta, output);
        }

        writer.Finish(ending, output);
    }
}
