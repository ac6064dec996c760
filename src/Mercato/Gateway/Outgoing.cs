using Mercato.Catalog;
using Mercato.Wire;
using Mercato.Wire.Dialects;

namespace Mercato.Gateway;

/// <summary>Writes a call as a host gets it.</summary>
internal sealed class Outgoing(ReasoningMemory memory)
{
    /// <summary>The caller's own bytes where the host speaks the caller's dialect, else a translation.</summary>
    public UpstreamRequest Write(GatewayCall call, Candidate candidate)
    {
        var request = PassesBytes(call, candidate)
            ? Edit(call, candidate)
            : Translate(call, candidate, WireFormats.Upstream(candidate.DialectFor(call.Dialect.Dialect)));
        return call.Conversation is { MayLackHistory: true } && !GoesByName(call, candidate)
            ? request with { Dropped = [.. request.Dropped, "conversation"] }
            : request;
    }

    /// <summary>Whether the host is to take up the call's conversation by its name.</summary>
    public bool GoesByName(GatewayCall call, Candidate candidate) =>
        call.Conversation?.GoesByName(candidate.Host.Id) == true && PassesBytes(call, candidate);

    /// <summary>Whether the caller's bytes may go to the host: it speaks the caller's dialect, and the conversation
    /// carries nothing that another host minted.</summary>
    public bool PassesBytes(GatewayCall call, Candidate candidate) =>
        candidate.DialectFor(call.Dialect.Dialect) == call.Dialect.Dialect
        && !memory.HasForeignSeals(call.Facts.Chat, candidate.Host.Id);

    /// <summary>Members that would not reach the host, or not take effect there. A request that cannot be translated
    /// at all has none: it is refused by whoever sees all candidates.</summary>
    public IReadOnlyList<string> FindLosses(GatewayCall call, Candidate candidate) =>
        call.Work is { } work ? work.Write(candidate).Dropped
        : PassesBytes(call, candidate) || call.ReadChat().Chat is not null ? Write(call, candidate).Dropped
        : [];

    /// <summary>The same dialect on both sides: the caller's bytes, but for what the call demands.</summary>
    private UpstreamRequest Edit(GatewayCall call, Candidate candidate) =>
        call.Dialect.EditRequest(FactsFor(call, candidate), new RequestEdits(
            candidate.UpstreamModel, candidate.Host.Provider.Quirks, LimitOf(call, candidate),
            RemovesExtensions: !candidate.IsWildcard, candidate.Host.Id,
            call.DropsPaidTools && candidate is { IsByok: false, IsWildcard: false }));

    private RequestFacts FactsFor(GatewayCall call, Candidate candidate) => GoesByName(call, candidate)
        ? call.Facts with { Members = call.Conversation!.RequestFor(candidate.Host.Id) }
        : call.Facts;

    private UpstreamRequest Translate(GatewayCall call, Candidate candidate, IUpstreamDialect format) =>
        format.WriteRequest(CallPairs.Mend(memory.Restore(call, candidate.Host.Id, call.ReadChat().Chat!)), new HostTarget(
            candidate.Host.Id, candidate.UpstreamModel, candidate.Host.Provider.Quirks,
            candidate.Offer?.MaxOutputTokens ?? candidate.CatalogModel?.MaxOutputTokens, LimitOf(call, candidate),
            TraitsOf(candidate.CatalogModel)));

    private static long? LimitOf(GatewayCall call, Candidate candidate) =>
        candidate.IsByok ? null : call.InjectedLimit;

    private static ModelTraits TraitsOf(Model? model) =>
        model is null ? new ModelTraits() : new ModelTraits(Reasons: model.Can("reasoning"));
}
