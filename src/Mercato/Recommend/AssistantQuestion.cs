using System.Collections.Immutable;
using Mercato.Catalog;

namespace Mercato.Recommend;

/// <summary>What the assistant understood of a question: the models it names, and the filters it sets.</summary>
internal sealed record AssistantQuestion
{
    /// <summary>Longer questions are read by their beginning: what follows is material, not a question.</summary>
    private const int MostLetters = 2_000;

    private const int MostMentions = 4;

    /// <summary>Relevance at which search results count as the same answer to a name.</summary>
    private const double AlmostEqual = 0.97;

    public required string Text { get; init; }
    public required ImmutableArray<Model> Mentions { get; init; }
    public required ImmutableArray<string> Needs { get; init; }
    public required ImmutableArray<string> Authors { get; init; }
    public required ImmutableArray<string> Providers { get; init; }
    public int? MinContext { get; init; }
    public bool? OpenWeights { get; init; }

    /// <summary>Whether the question has the shape of that name in <c>signs.txt</c>.</summary>
    public bool Is(string shape) => Words.HasSign(Text, "ask_" + shape);

    public static AssistantQuestion Read(string question, CatalogSnapshot catalog)
    {
        var text = question.Length <= MostLetters ? question : question[..MostLetters];
        var context = Words.Figure(text, "ask_context");
        var names = NameWords.Of(catalog);
        var mentions = new List<Model>();
        var (authors, providers) = (new List<string>(), new List<string>());
        foreach (var run in names.RunsIn(text))
        {
            var word = run.ToLowerInvariant();
            if (names.Providers.Contains(word)) providers.Add(word);
            if (catalog.Authors.Contains(ModelSpellings.Author(word))) authors.Add(ModelSpellings.Author(word));
            else if (!names.Providers.Contains(word) && mentions.Count < MostMentions && Find(run, catalog) is { } model
                && !mentions.Contains(model)) mentions.Add(model);
        }

        // A name that is both, such as "mistral", means who made the model.
        providers.RemoveAll(provider => authors.Contains(ModelSpellings.Author(provider)));
        return new AssistantQuestion
        {
            Text = text,
            Mentions = [.. mentions],
            Authors = [.. authors.Distinct()],
            Providers = [.. providers.Distinct()],
            Needs =
            [
                .. Recommend.Needs.In(text).Where(need => need != "long_context")
                    .Union(SpokenNeeds.Where(need => Words.HasSign(text, "ask_" + need))),
            ],
            MinContext = context > 0 ? (int)Math.Min(context, int.MaxValue) : null,
            OpenWeights = Words.HasSign(text, "ask_open_weights") ? true : null,
        };
    }

    private static Model? Find(string name, CatalogSnapshot catalog)
    {
        if (catalog.Resolve(name.Replace(' ', '-')) is ModelResolution { Model: var exact }) return exact;
        var query = new CatalogQuery { Text = name, Scope = CatalogScope.All, Sort = CatalogSort.Relevance };
        var found = catalog.Search.List(query with { Limit = 20 }, Reach.None, default).Items;
        return found.Where(item => item.Relevance >= found[0].Relevance * AlmostEqual)
            .OrderBy(item => item.Model.Status).ThenByDescending(item => item.Model.ReleaseDate?.Start)
            .Select(item => item.Model).FirstOrDefault();
    }

    private static readonly ImmutableArray<string> SpokenNeeds =
        ["tools", "vision", "reasoning", "json", "image_generation"];
}
