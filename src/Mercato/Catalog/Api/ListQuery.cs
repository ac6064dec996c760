using System.Collections.Immutable;
using System.Globalization;
using Mercato.Hosting;

namespace Mercato.Catalog.Api;

/// <summary>Reads a list's query string; a value that means nothing is refused by name.</summary>
internal sealed class ListQuery(IQueryCollection query)
{
    public const int MaxLimit = 1000;
    private const int MaxText = 200;

    private Refusal? _refusal;

    public (CatalogQuery? Query, Refusal? Refusal) Read()
    {
        var (sort, task) = Sort();
        var read = new CatalogQuery
        {
            Text = Text("q"),
            Providers = List("provider"),
            Authors = List("author"),
            Kinds = Members<ModelKind>("kind"),
            Capabilities = List("capability"),
            InputModalities = [.. List("input_modalities").Select(word => word == "file" ? "pdf" : word)],
            OutputModalities = List("output_modalities"),
            SupportedParameters = List("supported_parameters"),
            MinContext = Whole("context", 0, int.MaxValue),
            MinPrice = Amount("min_price"),
            MaxPrice = Amount("max_price"),
            MinOutputPrice = Amount("min_output_price"),
            MaxOutputPrice = Amount("max_output_price"),
            MinRating = Amount("min_rating"),
            OpenWeights = Flag("open_weights"),
            Free = Flag("free"),
            Statuses = Members<ListingStatus>("status"),
            Availabilities = Members<Availability>("availability"),
            Scope = Members<CatalogScope>("scope") is [var scope, ..] ? scope : null,
            Sort = sort,
            QualityTask = task,
            Offset = Whole("offset", 0, int.MaxValue) ?? 0,
            Limit = Whole("limit", 1, MaxLimit),
            Facets = Flag("facets") ?? false,
        };
        return _refusal is null ? (read, null) : (null, _refusal);
    }

    private string? Text(string name)
    {
        var text = query[name].FirstOrDefault();
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        return text.Length <= MaxText ? text.Trim() : text[..MaxText];
    }

    private ImmutableArray<string> List(string name) =>
        [.. query[name].SelectMany(value => (value ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private ImmutableArray<T> Members<T>(string name) where T : struct, Enum
    {
        var members = ImmutableArray.CreateBuilder<T>();
        foreach (var word in List(name))
        {
            if (Names.TryParse<T>(word, out var member))
            {
                members.Add(member);
            }
            else
            {
                Refuse(name, $"'{word}' is none of {string.Join(", ", Enum.GetValues<T>().Select(Names.Of))}.");
            }
        }

        return members.ToImmutable();
    }

    private int? Whole(string name, int least, int most)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least
            && value <= most)
        {
            return value;
        }

        Refuse(name, $"'{text}' is not a whole number from {least} to {most}.");
        return null;
    }

    private decimal? Amount(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        Refuse(name, $"'{text}' is not a decimal number of at least 0.");
        return null;
    }

    private bool? Flag(string name)
    {
        switch (Text(name)?.ToLowerInvariant())
        {
            case null: return null;
            case "true" or "1": return true;
            case "false" or "0": return false;
            default:
                Refuse(name, "Only true and false mean something here.");
                return null;
        }
    }

    private (CatalogSort? Sort, string? Task) Sort()
    {
        if (Text("sort") is not { } text)
        {
            return (null, null);
        }

        if (text.StartsWith("quality:", StringComparison.OrdinalIgnoreCase))
        {
            return (CatalogSort.Quality, text["quality:".Length..]);
        }

        if (Names.TryParse<CatalogSort>(text, out var sort) && sort != CatalogSort.Quality)
        {
            return (sort, null);
        }

        var known = string.Join(", ", Enum.GetValues<CatalogSort>().Select(Names.Of));
        Refuse("sort", $"'{text}' is none of {known}:<task>.");
        return (null, null);
    }

    private void Refuse(string member, string message) => _refusal ??= Refusal.Invalid(member, message);
}
