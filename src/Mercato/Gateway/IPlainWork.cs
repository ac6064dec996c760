using Mercato.Catalog;
using Mercato.Hosting;
using Mercato.Providers;
using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>
/// Work that is no chat: one request, one whole answer in OpenAI's shape. The steps of the pipeline ask it what differs
/// from chat. One per call.
/// </summary>
internal interface IPlainWork
{
    /// <summary>The kind of models that do it.</summary>
    ModelKind Kind { get; }

    /// <summary>What the call's record has in place of a dialect.</summary>
    string Format { get; }

    /// <summary>Why a host that makes this kind can't be asked for this all the same; null when it can.</summary>
    Refusal? FindRefusal(Candidate candidate);

    /// <summary>The most that the call may use at any of the candidates.</summary>
    CallCeiling Ceiling(IReadOnlyList<Candidate> candidates);

    /// <summary>The path and body for the host, and what was left out.</summary>
    (HostRequest Request, IReadOnlyList<string> Dropped) Write(Candidate candidate);

    /// <summary>Reads the host's 200 body into what is billed and what the caller gets.</summary>
    PumpResult Read(Candidate candidate, byte[] body, Received received);

    /// <summary>The bill for what was used, as told or as counted.</summary>
    Bill Charge(PriceVersion price, Usage usage, int markupBps);
}
