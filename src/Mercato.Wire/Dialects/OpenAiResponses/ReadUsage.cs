using System.Runtime.InteropServices;
using System.Text.Json;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Dialects.OpenAiResponses;

public sealed partial class OpenAiResponsesDialect
{
    /// <summary>
    /// Reads a <c>usage</c> object into the neutral record, by the same rules as Chat Completions, from which it only
    /// differs in spelling: <c>input_tokens</c> includes cache reads and writes, <c>output_tokens</c> includes
    /// reasoning.
    /// </summary>
    public static Usage ReadUsage(ReadOnlyMemory<byte> usage) => OpenAiChatDialect.ReadUsage(usage);

    internal static Usage ReadUsage(JsonElement usage) => ReadUsage(JsonMarshal.GetRawUtf8Value(usage).ToArray());
}
