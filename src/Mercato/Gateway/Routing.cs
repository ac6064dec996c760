using Mercato.Accounts;
using Mercato.Catalog;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Providers;
using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>From the models that a caller named to the candidates that may serve the call, best first.</summary>
internal sealed class Routing(
    Snapshot<CatalogSnapshot> catalog, Snapshot<Hosts> hosts, Snapshot<OwnKeys> ownKeys, Reaches reaches,
    OfferOrder order, Stickiness stickiness, Outgoing outgoing, TimeProvider time)
{
    public Outcome<List<Candidate>> Route(GatewayCall call)
    {
        var wanted = call.Facts.Models.Prepend(call.Facts.Model).OfType<string>().Distinct().ToArray();
        if (wanted.Length == 0)
        {
            return Refusal.Invalid("model", "Name the model to call as `model`; GET /v1/models lists them.");
        }

        var candidates = new List<Candidate>();
        Refusal? first = null;
        foreach (var name in wanted)
        {
            var found = Resolve(call, name);
            if (found.Succeeded)
            {
                candidates.AddRange(found.Value);
            }

            first ??= found.Refusal;
        }

        return candidates.Count > 0 ? Speakable(call, candidates) : first!;
    }

    /// <summary>
    /// What the neutral form cannot hold still goes to hosts of the caller's own dialect, where the bytes pass on as
    /// they came.
    /// </summary>
    private static Outcome<List<Candidate>> Speakable(GatewayCall call, List<Candidate> candidates)
    {
        if (call.Work is { } work)
        {
            var able = candidates.Where(candidate => work.FindRefusal(candidate) is null).ToList();
            return able.Count > 0 ? able : work.FindRefusal(candidates[0])!;
        }

        bool IsOwn(Candidate candidate) => candidate.DialectFor(call.Dialect.Dialect) == call.Dialect.Dialect;
        if (candidates.TrueForAll(IsOwn) || Refuse(call) is not { } refusal)
        {
            return candidates;
        }

        var own = candidates.Where(IsOwn).ToList();
        return own.Count > 0 ? own : refusal;
    }

    private static Refusal? Refuse(GatewayCall call)
    {
        var reading = call.ReadChat();
        var refusal = reading.Refusal ?? (reading.Chat!.Choices > 1
            ? new RequestRefusal("This model's hosts give one answer a call: leave `n` out, or call several times.",
                "n", "unsupported_value")
            : null);
        return refusal is null ? null : new Refusal(400, refusal.Code, refusal.Message) { Param = refusal.Param };
    }

    private Outcome<List<Candidate>> Resolve(GatewayCall call, string name)
    {
        var resolution = catalog.Current.Resolve(name);
        var id = resolution switch
        {
            ModelResolution model => model.Model.Id.ToString(),
            WildcardResolution wildcard => $"{wildcard.Provider.Id}/{wildcard.UpstreamName}",
            _ => name,
        };
        if (call.Caller.ApiKey is { AllowedModels: { Count: > 0 } allowed }
            && !allowed.Contains(id) && !allowed.Contains(name))
        {
            return new Refusal(403, "model_not_allowed",
                $"This API key may not call {id}. Its allowed models are: {string.Join(", ", allowed)}.")
            { Param = "model" };
        }

        return resolution switch
        {
            ModelResolution model => OfModel(call, model),
            WildcardResolution wildcard => OfWildcard(call.Kind, wildcard, id),
            _ => Missing(call, name, "unknown", "Check the spelling; GET /v1/models lists what you can call."),
        };
    }

    private Outcome<List<Candidate>> OfWildcard(ModelKind kind, WildcardResolution wildcard, string id)
    {
        // Tokens have a price there, but whoever makes pictures may count none.
        if (hosts.Current.Find(wildcard.Provider.Id) is not { } host || !host.CanServe(kind)
            || wildcard.Provider.DefaultPrice is not { } price
            || (kind == ModelKind.Image && price.Base(PriceKind.Image) is null))
        {
            var what = kind == ModelKind.Image ? "default price for an image" : "default price";
            return new Refusal(404, "model_not_found",
                $"The provider {wildcard.Provider.Id} has no {what}, or speaks a dialect that cannot be called yet.")
            { Param = "model" };
        }

        return new List<Candidate>
        {
            new(id, host, wildcard.UpstreamName, null, null, price, null, "only offer"),
        };
    }

    private Outcome<List<Candidate>> OfModel(GatewayCall call, ModelResolution resolution)
    {
        var model = resolution.Model;
        if (model.Kind != call.Kind)
        {
            return Missing(call, model.Id.ToString(), "wrong_kind",
                $"{model.Id} is for {Names.Of(model.Kind)}, not for {Names.Of(call.Kind)}{PlaceOf(model.Kind)}.");
        }

        var wishes = call.Facts.Provider ?? new ProviderWishes();
        var callable = Callable(call, model, resolution.Suffix);
        if (callable.Count == 0)
        {
            return NotReady(call, model);
        }

        var allowed = callable.Where(candidate => Fits(candidate, wishes)).ToList();
        if (allowed.Count == 0)
        {
            return Missing(call, model.Id.ToString(), "excluded_by_provider_preferences",
                "Your `provider` preferences exclude every offer: "
                + string.Join(", ", callable.Select(candidate => candidate.Host.Id).Distinct()) + ".");
        }

        if (wishes.RequireParameters == true && RemoveLossy(call, allowed) is { } losses && allowed.Count == 0)
        {
            return Missing(call, model.Id.ToString(), "excluded_by_provider_preferences",
                $"Your `provider.require_parameters` excludes every offer: {losses}.");
        }

        return order.Sort(allowed, wishes, resolution.Suffix, stickiness.Find(call, model.Id.ToString()));
    }

    /// <summary>Takes out who would get less than the caller sent; the answer says who and what.</summary>
    private string RemoveLossy(GatewayCall call, List<Candidate> candidates)
    {
        var losses = new List<string>();
        candidates.RemoveAll(candidate =>
        {
            var lost = outgoing.FindLosses(call, candidate);
            if (lost.Count > 0)
            {
                losses.Add($"{candidate.Host.Id} does not take {string.Join(", ", lost)}");
            }

            return lost.Count > 0;
        });
        return string.Join("; ", losses.Distinct());
    }

    private List<Candidate> Callable(GatewayCall call, Model model, string? suffix)
    {
        var now = time.GetUtcNow();
        var own = ownKeys.Current.Of(call.Caller.AccountId);
        var candidates = new List<Candidate>();
        foreach (var offer in model.Offers.Where(offer => offer.IsListed))
        {
            if (hosts.Current.Find(offer.Provider) is not { } host || !host.CanServe(call.Kind))
            {
                continue;
            }

            var id = model.Id.ToString();
            candidates.AddRange(own
                .Where(key => key.Provider == offer.Provider
                    && (key.AllowedModels.Length == 0 || key.AllowedModels.Contains(id)))
                .Select(key => new Candidate(id, host, offer.ProviderModelId, offer, model, offer.PriceAt(now), key,
                    "your own key")));
            if (host.IsSold && offer.SalePriceAt(now, model.Kind) is { } price && (suffix != ":free" || price.IsFree))
            {
                candidates.Add(new Candidate(id, host, offer.ProviderModelId, offer, model, price, null,
                    "cheapest confirmed offer"));
            }
        }

        return candidates;
    }

    private static bool Fits(Candidate candidate, ProviderWishes wishes)
    {
        var id = candidate.Host.Id;
        var policy = candidate.Host.Provider.DataPolicy;
        return (wishes.Only.Count == 0 || wishes.Only.Contains(id))
            && !wishes.Ignore.Contains(id)
            && (wishes.AllowFallbacks != false || wishes.Order.Count == 0 || wishes.Order.Contains(id))
            && (wishes.DataCollection != "deny" || policy.Trains == false)
            && (wishes.ZeroRetention != true || policy.Zdr == true)
            && (wishes.Quantizations.Count == 0 || wishes.Quantizations.Contains(
                candidate.Offer?.Quantization ?? Quantizations.Unknown, StringComparer.OrdinalIgnoreCase))
            && Within(candidate, PriceKind.Input, wishes, "prompt")
            && Within(candidate, PriceKind.Output, wishes, "completion");
    }

    /// <summary>`max_price` is in USD per million tokens.</summary>
    private static bool Within(Candidate candidate, PriceKind kind, ProviderWishes wishes, string name) =>
        !wishes.MaxPricePico.TryGetValue(name, out var most)
        || (candidate.Price?.Base(kind) is { } line && (Int128)line.Pico * 1_000_000 <= (Int128)most * line.Divisor);

    /// <summary>Where models of a kind are called.</summary>
    private static string PlaceOf(ModelKind kind) => kind switch
    {
        ModelKind.Chat => "; call it at /v1/chat/completions",
        ModelKind.Embedding => "; call it at /v1/embeddings",
        ModelKind.Image => "; call it at /v1/images/generations",
        _ => "",
    };

    private Refusal NotReady(GatewayCall call, Model model)
    {
        var reach = reaches.Of(call.Caller.AccountId);
        var availability = reach.Of(model, catalog.Current, time.GetUtcNow());
        var providers = string.Join(", ", model.Offers.Where(offer => offer.IsListed).Select(offer => offer.Provider)
            .Distinct());
        var fix = availability switch
        {
            Availability.NeedsKey => $"Add your own key of {providers} on the page /provider-keys, or ask the "
                + "operator to set one.",
            Availability.LocalMissing => "Start Ollama with this model where Mercato runs.",
            Availability.Unpriced => "Its price is unknown or disputed, so it is not sold; an administrator can accept "
                + "a price, or you can use your own provider key.",
            Availability.Ready => "No host of this model can be called in this dialect yet.",
            _ => "It is no longer offered.",
        };
        return Missing(call, model.Id.ToString(), SnakeCase.Of(availability.ToString()), fix);
    }

    private Refusal Missing(GatewayCall call, string id, string reason, string fix) =>
        new(404, "model_not_found", $"The model '{id}' cannot be called: {fix}")
        {
            Param = "model",
            Metadata = new Dictionary<string, object?>
            {
                ["reason"] = reason,
                ["how_to_fix"] = fix,
                ["nearest_ready"] = catalog.Current.Search
                    .NearestReady(id, reaches.Of(call.Caller.AccountId), time.GetUtcNow(), kind: call.Kind)
                    .Select(nearest => nearest.ToString()).ToArray(),
            },
        };
}
