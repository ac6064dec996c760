using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

internal sealed partial class ResponsesWriter
{
    private readonly SortedDictionary<int, OpenCall> _calls = [];

    /// <summary>Open calls that something came for since they were last looked at.</summary>
    private readonly HashSet<OpenCall> _changed = [];

    private void BeginCall(ToolCallDelta delta, IBufferWriter<byte> output)
    {
        CloseSpoken("completed", output);
        CloseWholeCalls(output);
        var kind = CallKind.Of(head.Request, delta.Name, delta.IsCustom);
        var item = Open(
            output, kind.IsCustom ? "ctc_" : "fc_",
            item => json => OutputItems.WriteCall(json, item.Id, "in_progress", delta.Id, kind, ""));
        var call = new OpenCall(delta.Index, delta.Id, kind, item);
        _calls[delta.Index] = call;
        _changed.Add(call);
    }

    private void WriteArguments(ArgumentsDelta delta, IBufferWriter<byte> output)
    {
        if (!_calls.TryGetValue(delta.Index, out var call) || delta.Text.Length == 0)
        {
            return;
        }

        call.Arguments.Append(delta.Text);
        _changed.Add(call);
        if (!call.Kind.IsWrapped)
        {
            WritePiece(output, PieceOf(call.Kind, "delta"), call.Item, null, 0, "delta", delta.Text);
        }
    }

    private void CloseCalls(string status, IBufferWriter<byte> output)
    {
        foreach (var call in _calls.Values)
        {
            CloseCall(call, status, output);
        }

        _calls.Clear();
        _changed.Clear();
    }

    /// <summary>Looks at what changed only, so that an answer of very many calls takes no longer for it.</summary>
    private void CloseWholeCalls(IBufferWriter<byte> output)
    {
        foreach (var call in _changed.Where(call => call.IsWhole()).OrderBy(call => call.Index))
        {
            CloseCall(call, "completed", output);
            _calls.Remove(call.Index);
        }

        _changed.Clear();
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

    private sealed class OpenCall(int index, string id, CallKind kind, OpenItem item)
    {
        private int _looked;

        public int Index { get; } = index;

        public string Id { get; } = id;

        public CallKind Kind { get; } = kind;

        public OpenItem Item { get; } = item;

        public StringBuilder Arguments { get; } = new();

        /// <summary>Whether nothing more can come: a host may go on with a call after it has begun another. Arguments
        /// that were not whole are read again once they are twice as long.</summary>
        public bool IsWhole()
        {
            if (Kind.IsCustom && !Kind.IsWrapped)
            {
                return true;
            }

            if (Arguments.Length < 2 * _looked)
            {
                return false;
            }

            _looked = Arguments.Length;
            return JsonMembers.Read(Encoding.UTF8.GetBytes(Arguments.ToString())) is not null;
        }
    }
}
