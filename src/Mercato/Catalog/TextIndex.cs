using System.Collections.Immutable;

namespace Mercato.Catalog;

/// <summary>
/// Typo-tolerant text search over all models. Each word of the question is matched with the whole vocabulary once
/// (exactly, by synonym, by beginning, by a slip or two), then every model is scored by the fields in which it bears a
/// matching word, by how well its name fits, and a little by its standing.
/// </summary>
internal sealed class TextIndex
{
    private const int MostWords = 12;
    private const double Exact = 1, Synonym = 0.85, Beginning = 0.75, OneSlip = 0.62, TwoSlips = 0.42;

    private readonly Dictionary<string, int> _ids = [];
    private readonly List<string> _words = [];
    private readonly List<string> _canonical = [];
    private readonly Document[] _documents;
    private readonly (int Document, double Weight)[][] _bearers;
    private readonly double[] _rarity;

    public TextIndex(ImmutableArray<Model> models)
    {
        _documents = [.. models.Select(Read)];
        var bearers = new List<(int Document, double Weight)>[_words.Count];
        for (var i = 0; i < _documents.Length; i++)
        {
            foreach (var (word, weight) in _documents[i].Weights)
            {
                (bearers[word] ??= []).Add((i, weight));
            }
        }

        _bearers = [.. bearers.Select(list => list.ToArray())];
        _rarity = [.. _bearers.Select(list => Math.Log(1 + (double)models.Length / list.Length))];
    }

    private sealed record Document(Dictionary<int, double> Weights, int[][] Titles, double Standing);

    /// <summary>
    /// Relevance of each model, 0 where it does not match. Only models that match the most words of the question are
    /// kept, so a word that nothing bears does not empty the list. A question without any word matches nothing.
    /// </summary>
    public double[] Score(string text)
    {
        var words = Understand(SearchText.QueryTokens(text, MostWords));
        var (matched, fit, possible) =
            (new int[_documents.Length], new double[_documents.Length], new double[_documents.Length]);
        foreach (var word in words)
        {
            var best = BestPerDocument(word);
            for (var i = 0; i < best.Length; i++)
            {
                if (best[i].Weight > 0)
                {
                    matched[i]++;
                }

                fit[i] += best[i].Weight * best[i].Rarity;
                possible[i] += best[i].Weight > 0 ? best[i].Rarity : 1;
            }
        }

        var most = matched.Max();
        var scores = new double[_documents.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            if (most == 0 || matched[i] < most)
            {
                continue;
            }

            var title = _documents[i].Titles.Max(titleWords => TitleFit(titleWords, words));
            scores[i] = Math.Max(0.001, 10 * fit[i] / possible[i] + title + _documents[i].Standing);
        }

        return scores;
    }

    /// <summary>For each model: its best field among those that bear a word matching this one.</summary>
    private (double Weight, double Rarity)[] BestPerDocument(Dictionary<int, double> word)
    {
        var best = new (double Weight, double Rarity)[_documents.Length];
        foreach (var (id, quality) in word)
        {
            foreach (var (document, weight) in _bearers[id])
            {
                if (weight * quality > best[document].Weight)
                {
                    best[document] = (weight * quality, _rarity[id]);
                }
            }
        }

        return best;
    }

    /// <summary>For each word of the question: how well each word of the vocabulary matches it.</summary>
    private List<Dictionary<int, double>> Understand(List<string> tokens)
    {
        var words = new List<Dictionary<int, double>>();
        foreach (var token in tokens)
        {
            var matches = Matches(token);
            if (matches.Count == 0 && Split(token) is var (left, right))
            {
                words.AddRange([Matches(left), Matches(right)]);
            }
            else
            {
                words.Add(matches);
            }
        }

        return words;
    }

    private Dictionary<int, double> Matches(string token)
    {
        var matches = new Dictionary<int, double>();
        var canonical = SearchText.Canonical(token);
        var slips = SearchText.Slips(token);
        for (var id = 0; id < _words.Count; id++)
        {
            var word = _words[id];
            var quality = word == token ? Exact
                : _canonical[id] == canonical ? Synonym
                : token.Length > 1 && !char.IsDigit(token[0]) && word.StartsWith(token, StringComparison.Ordinal)
                    ? Beginning
                : Slipped(token, word, slips);
            if (quality > 0)
            {
                matches[id] = quality;
            }
        }

        return matches;
    }

    private static double Slipped(string token, string word, int slips)
    {
        if (slips == 0 || word.Length < 3 || char.IsDigit(word[0]))
        {
            return 0;
        }

        return SearchText.Distance(token, word, slips) switch { 1 => OneSlip, 2 when slips == 2 => TwoSlips, _ => 0 };
    }

    /// <summary>Two known words written as one, such as "qwencoder".</summary>
    private (string Left, string Right)? Split(string token)
    {
        for (var cut = 3; cut <= token.Length - 3; cut++)
        {
            if (_ids.ContainsKey(token[..cut]) && _ids.ContainsKey(token[cut..]))
            {
                return (token[..cut], token[cut..]);
            }
        }

        return null;
    }

    /// <summary>
    /// Rewards words in the asked order side by side, and names without much beside what was asked for.
    /// </summary>
    private double TitleFit(int[] title, List<Dictionary<int, double>> words)
    {
        var (fit, used) = (0.0, new bool[title.Length]);
        var last = -2;
        foreach (var word in words)
        {
            var at = Array.FindIndex(title, Math.Clamp(last + 1, 0, title.Length), word.ContainsKey);
            if (at < 0)
            {
                at = Array.FindIndex(title, word.ContainsKey);
            }

            if (at < 0)
            {
                fit -= 0.5;
                continue;
            }

            if (at == last + 1)
            {
                fit += 0.4;
            }

            used[at] = true;
            last = at;
        }

        for (var i = 0; i < title.Length; i++)
        {
            if (used[i])
            {
                continue;
            }

            fit -= Surplus(_words[title[i]]);
        }

        return used.All(u => u) ? fit + 0.6 : fit;
    }

    /// <summary>
    /// What an unasked word costs: a version little, the word for the top of a family less than for a small sibling.
    /// </summary>
    private static double Surplus(string word) =>
        word.Length == 1 || char.IsDigit(word[0]) ? 0.05 : word is "pro" or "max" or "large" or "ultra" or "plus"
            ? 0.14 : 0.22;

    private Document Read(Model model)
    {
        var weights = new Dictionary<int, double>();
        void Add(string? text, double weight, bool numbers = true)
        {
            foreach (var token in SearchText.Tokens(text ?? ""))
            {
                if (!numbers && char.IsDigit(token[0]))
                {
                    continue;
                }

                var id = IdOf(token);
                weights[id] = Math.Max(weights.GetValueOrDefault(id), weight);
            }
        }

        Add(model.Name, 1);
        Add(model.Id.Name, 1);
        foreach (var alias in model.Aliases)
        {
            Add(alias, 0.8);
        }

        foreach (var spelling in ModelSpellings.SpellingsOf(model.Id.Author))
        {
            Add(spelling, 0.7);
        }

        Add(model.Family, 0.7);
        Add(Names.Of(model.Kind), 0.6);
        foreach (var word in model.Capabilities)
        {
            Add(word, 0.4);
        }

        foreach (var offer in model.Offers)
        {
            Add(offer.Provider, 0.3);
        }

        Add(model.Description, 0.2, numbers: false);

        int[][] titles = [[.. SearchText.Tokens(model.Name).Select(IdOf)],
            [.. SearchText.Tokens(model.Id.Name).Select(IdOf)]];
        return new Document(weights, titles, Standing(model));
    }

    private int IdOf(string token)
    {
        if (_ids.TryGetValue(token, out var id))
        {
            return id;
        }

        _words.Add(token);
        _canonical.Add(SearchText.Canonical(token));
        return _ids[token] = _words.Count - 1;
    }

    /// <summary>Active, the lab's own, newer and chat models first among equals.</summary>
    private static double Standing(Model model)
    {
        var standing = model.Status switch { ListingStatus.Active => 0.15, ListingStatus.Preview => 0.05, _ => -0.5 };
        if (model.Offers.Any(offer => offer.FirstParty))
        {
            standing += 0.25;
        }

        if (model.Offers.Length > 0 && model.Offers.All(offer => offer.Provider == "ollama"))
        {
            standing -= 0.2;
        }

        if (model.IsChat)
        {
            standing += 0.1;
        }

        var age = model.ReleaseDate is { } date
            ? (date.Start - new DateTimeOffset(2023, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalDays : 900;
        return standing + Math.Clamp(age / 1300, 0, 1.2) * 0.9;
    }
}
