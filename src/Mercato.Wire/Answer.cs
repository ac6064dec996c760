namespace Mercato.Wire;

/// <summary>What an answer shows of its cost, inside <c>usage</c>.</summary>
/// <param name="Cost">The price in USD as exact decimal digits, such as <c>0.00014175</c>.</param>
/// <param name="IsByok">Whether the caller's own provider key was used.</param>
/// <param name="UpstreamCost">The list price of the call in USD as exact decimal digits; null unless BYOK.</param>
/// <param name="Mercato">The raw JSON object that becomes <c>usage.mercato</c>; empty to leave it out.</param>
public sealed record AnswerCost(string Cost, bool IsByok, string? UpstreamCost, ReadOnlyMemory<byte> Mercato);

/// <summary>An error for a caller; each dialect has its own words for the status and the code.</summary>
/// <param name="Status">The HTTP status; under <c>/api/v1</c> it is the code as well.</param>
/// <param name="Message">What is wrong and what would be right.</param>
/// <param name="Type">Such as <c>invalid_request_error</c>.</param>
/// <param name="Code">Such as <c>model_not_found</c>; null when there is none.</param>
/// <param name="Param">The member at fault; null when there is none.</param>
/// <param name="Metadata">A raw JSON object; empty to leave it out.</param>
/// <param name="RequestId">The call's id, for dialects that repeat it in the body; null when there is none.</param>
public sealed record ErrorAnswer(
    int Status, string Message, string Type, string? Code = null, string? Param = null,
    ReadOnlyMemory<byte> Metadata = default, string? RequestId = null);

/// <summary>What every part of an answer of our own begins with.</summary>
/// <param name="Id">The answer's id, such as <c>gen-0199...</c>.</param>
/// <param name="Model">The model's id as the caller knows it.</param>
/// <param name="Created">Unix seconds.</param>
public sealed record AnswerHead(string Id, string Model, long Created)
{
    /// <summary>The request that is answered, for dialects that repeat parts of it; null when nobody read it.</summary>
    public ChatRequest? Request { get; init; }

    /// <summary>The request's members as they came, for the same purpose.</summary>
    public JsonMembers? Members { get; init; }

    /// <summary>The id under another dialect's prefix, such as <c>msg_</c>; looking it up finds the same call.</summary>
    public string IdAs(string prefix) => prefix + Id[(Id.IndexOf('-', StringComparison.Ordinal) + 1)..];
}
