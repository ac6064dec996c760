using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Gateway;

/// <summary>The last bytes of a stream, which leave once the call is settled: the usage with the bill, then the end.</summary>
internal static class StreamEnd
{
    public static async Task WriteAsync(GatewayCall call, PumpResult result, AnswerCost cost)
    {
        await WriteUsageAsync(call, result, cost);
        await call.Sink.WriteAsync(result.End == AnswerEnd.Failed
            ? OpenAiChatDialect.WriteErrorFrame(
                OpenAiErrors.Of(UpstreamErrors.ToRefusal(result.Error!, call.Candidate)), call.IsOpenRouterFace)
            : OpenAiChatDialect.DoneFrame);
    }

    private static async Task WriteUsageAsync(GatewayCall call, PumpResult result, AnswerCost cost)
    {
        var op = call.Op!;
        if (result.Held is { } held)
        {
            if (call.ShowsUsage)
            {
                await call.Sink.WriteAsync(OpenAiChatDialect.WriteUsageFrame(held, cost, call.Received.Usage));
            }
            else if (UsageFrame.HasChoices(held))
            {
                await call.Sink.WriteAsync(OpenAiChatDialect.CutUsage(held));
            }
        }
        else if (call.ShowsUsage)
        {
            var head = new AnswerHead(
                call.Received.UpstreamId ?? Ledger.Op.GenerationId(op.Id), call.Received.Model ?? op.Model,
                op.CreatedAt.ToUnixTimeSeconds());
            var usage = call.Received.Usage
                ?? new Usage { InputUncached = op.InputTokens, OutputText = op.OutputTokens };
            await call.Sink.WriteAsync(OpenAiChatDialect.WriteUsageFrame(head, usage, cost));
        }
    }
}
