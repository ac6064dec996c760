using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

internal sealed partial class ResponsesWriter
{
    private readonly List<OpenCall> _calls = [];

    private void BeginCall(ToolCallDelta delta, IBufferWriter<byte> output)
    {
        CloseSpoken("completed", output);
        CloseCalls(call => call.IsWhole, "completed", output);
        var kind = CallKind.Of(head.Request, delta.Name, delta.IsCustom);
        var item = Open(
            output, kind.IsCustom ? "ctc_" : "fc_",
            item => json => OutputItems.WriteCall(json, item.Id, "in_progress", delta.Id, kind, ""));
        _calls.Add(new OpenCall(delta.Index, delta.Id, kind, item));
    }

    private void WriteArguments(ArgumentsDelta delta, IBufferWriter<byte> output)
    {
        if (_calls.Find(call => call.Index == delta.Index) is not { } call || delta.Text.Length == 0)
        {
            return;
        }

        call.Arguments.Append(delta.Text);
        if (!call.Kind.IsWrapped)
        {
            WritePiece(output, PieceOf(call.Kind, "delta"), call.Item, null, 0, "delta", delta.Text);
        }
    }

    private void CloseCalls(Predicate<OpenCall> isMeant, string status, IBufferWriter<byte> output)
    {
        foreach (var call in _calls.FindAll(isMeant))
        {
            CloseCall(call, status, output);
            _calls.Remove(call);
        }
    }

    private void CloseCall(OpenCall call, string status, IBufferWriter<byte> output)
    {
        var (kind, item) = (call.Kind, call.Item);
        var sent = call.Arguments.ToString();
        var arguments = kind.Finish(sent);
        if (arguments.Length > 0 && (kind.IsWrapped || arguments != sent))
        {
            WritePiece(output, PieceOf(kind, "delta"), item, null, 0, "delta", arguments);
        }

        WritePiece(
            output, PieceOf(kind, "done"), item, null, 0, kind.IsCustom ? "input" : "arguments", arguments);
        Close(
            item, json => OutputItems.WriteCall(json, item.Id, status, call.Id, kind, arguments), output);
    }

    private static string PieceOf(CallKind kind, string what) =>
        $"response.{(kind.IsCustom ? "custom_tool_call_input" : "function_call_arguments")}.{what}";

    private sealed record OpenCall(int Index, string Id, CallKind Kind, OpenItem Item)
    {
        public StringBuilder Arguments { get; } = new();

        /// <summary>Whether nothing more can come: a host may go on with a call after it has begun another.</summary>
        public bool IsWhole => (Kind.IsCustom && !Kind.IsWrapped)
            || JsonMembers.Read(Encoding.UTF8.GetBytes(Arguments.ToString())) is not null;
    }
}
