using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Mercato.Catalog;

/// <summary>
/// The indexes behind <see cref="CatalogSnapshot.Resolve"/>: aliases, spellings and providers' own ids.
/// </summary>
internal sealed class ModelNames
{
    private readonly FrozenDictionary<string, ModelId> _spelled;
    private readonly FrozenDictionary<string, ModelId> _bare;
    private readonly FrozenSet<ModelId> _known;

    public ModelNames(ImmutableArray<Model> models)
    {
        _known = models.Select(model => model.Id).ToFrozenSet();
        _spelled = Spellings(models);
        _bare = BareNames(models);
    }

    /// <summary>An alias or another spelling of author and name.</summary>
    public ModelId? FindSpelling(ModelId id)
    {
        var author = ModelSpellings.Author(id.Author);
        if (ModelSpellings.Single(author, id.Name) is { } single && _known.Contains(single))
        {
            return single;
        }

        foreach (var form in ModelSpellings.Forms(id.Name))
        {
            if (_spelled.TryGetValue($"{author}/{form}", out var found))
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>An id as a provider writes it, or a model's name alone, when just one model bears it.</summary>
    public ModelId? FindBare(string id)
    {
        if (_bare.TryGetValue(id, out var exact))
        {
            return exact;
        }

        foreach (var form in ModelSpellings.Forms(id))
        {
            if (_bare.TryGetValue(form, out var found))
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>
    /// The most faithful form wins; among equals the newest model, because a name without a date means the newest.
    /// </summary>
    private static FrozenDictionary<string, ModelId> Spellings(ImmutableArray<Model> models)
    {
        var entries = new List<(string Key, int Loss, Model Model)>();
        foreach (var model in models)
        {
            var author = ModelSpellings.Author(model.Id.Author);
            foreach (var (form, loss) in FormsWithLoss(model.Id.Name))
            {
                entries.Add(($"{author}/{form}", loss, model));
            }

            foreach (var alias in model.Aliases)
            {
                var name = ModelId.TryParse(alias, out var id) && ModelSpellings.Author(id.Author) == author ? id.Name
                    : alias;
                foreach (var (form, loss) in FormsWithLoss(name))
                {
                    entries.Add(($"{author}/{form}", loss + 1, model));
                }
            }
        }

        return Best(entries);
    }

    private static FrozenDictionary<string, ModelId> BareNames(ImmutableArray<Model> models)
    {
        var entries = new List<(string Key, int Loss, Model Model)>();
        foreach (var model in models)
        {
            foreach (var offer in model.Offers)
            {
                entries.Add((offer.ProviderModelId, 0, model));
                entries.Add((ModelSpellings.Fold(offer.ProviderModelId), 1, model));
            }

            foreach (var name in model.Aliases.Prepend(model.Id.Name))
            {
                foreach (var (form, loss) in FormsWithLoss(name))
                {
                    entries.Add((form, loss + 2, model));
                }
            }
        }

        // Two models under one provider id would make the choice a guess, so such an id names nothing.
        var ambiguous = entries.Where(entry => entry.Loss == 0).GroupBy(entry => entry.Key)
            .Where(group => group.Select(entry => entry.Model.Id).Distinct().Count() > 1).Select(group => group.Key)
                .ToHashSet();
        return Best(entries.Where(entry => !ambiguous.Contains(entry.Key)));
    }

    private static IEnumerable<(string Form, int Loss)> FormsWithLoss(string name)
    {
        var loss = 0;
        foreach (var form in ModelSpellings.Forms(name))
        {
            yield return (form, loss);
            if (ModelSpellings.WithoutShortDate(form) is { Length: > 1 } undated && undated != form)
            {
                yield return (undated, loss + 10);
            }

            loss += 2;
        }
    }

    private static FrozenDictionary<string, ModelId> Best(IEnumerable<(string Key, int Loss, Model Model)> entries) =>
        entries.GroupBy(entry => entry.Key).ToFrozenDictionary(group => group.Key, group => group
            .OrderBy(entry => entry.Loss)
            .ThenByDescending(entry => entry.Model.ReleaseDate?.Start ?? DateTimeOffset.MinValue)
            .ThenBy(entry => entry.Model.Id)
            .First().Model.Id);
}
