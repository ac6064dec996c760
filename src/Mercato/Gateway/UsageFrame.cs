using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>The frame in which an upstream told its usage.</summary>
internal static class UsageFrame
{
    /// <summary>Whether it carries a piece of the answer beside the usage.</summary>
    public static bool HasChoices(ReadOnlyMemory<byte> data) =>
        JsonSplice.Read(data)?.FindValue("choices") is { } choices
        && !choices.Span.SequenceEqual("[]"u8) && !choices.Span.SequenceEqual("null"u8);
}
