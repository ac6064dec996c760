using System.Text;
using Mercato.Ledger;

namespace Mercato.Gateway;

/// <summary>The headers that every answer of a call carries.</summary>
internal static class AnswerHeaders
{
    private const int MaxReason = 200;

    public static void Write(GatewayCall call)
    {
        if (call.Op is { } op)
        {
            call.Sink.SetHeader("x-generation-id", Op.GenerationId(op.Id));
        }

        if (call.Candidate is { } candidate)
        {
            call.Sink.SetHeader("x-mercato-model", Ascii(candidate.Model));
            call.Sink.SetHeader("x-mercato-provider", Ascii(candidate.Host.Id));
            call.Sink.SetHeader("x-mercato-reason", Ascii(Reason(call, candidate)));
        }

        if (call.InjectedLimit is { } limit)
        {
            call.Sink.SetHeader("x-mercato-max-tokens", limit.ToString());
        }

        if (call.Dropped.Count > 0)
        {
            call.Sink.SetHeader("x-mercato-dropped-parameters", Ascii(string.Join(", ", call.Dropped)));
        }
    }

    public static string Reason(GatewayCall call, Candidate candidate) =>
        call.Attempts.Count > 1 ? $"{candidate.Reason}, after {call.Attempts.Count - 1} failed" : candidate.Reason;

    // Header values are ASCII without control characters, whatever a model is called.
    private static string Ascii(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxReason)))
        {
            clean.Append(c is >= ' ' and <= '~' ? c : '?');
        }

        return clean.ToString();
    }
}
