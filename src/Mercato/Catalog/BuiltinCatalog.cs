using System.Collections.Immutable;
using System.Text.Json;

namespace Mercato.Catalog;

/// <summary>The catalog that comes with the program: models, offers, prices and evidence as read on one day.</summary>
public sealed record BuiltinCatalog
{
    private static readonly Lazy<BuiltinCatalog> Loaded = new(Load);

    /// <summary>The embedded file, read once.</summary>
    public static BuiltinCatalog Current => Loaded.Value;

    /// <summary>
    /// Grows with every change of the file (date and counter); a database remembers which one it has taken in.
    /// </summary>
    public required long Version { get; init; }

    /// <summary>The newest day on which a source was read.</summary>
    public required CatalogDate AsOf { get; init; }

    /// <summary>Sorted by id, each with its offers and evidence.</summary>
    public required ImmutableArray<Model> Models { get; init; }

    internal ImmutableArray<BuiltinModel> ModelLines { get; init; } = [];

    internal ImmutableArray<BuiltinOffer> OfferLines { get; init; } = [];

    private static BuiltinCatalog Load()
    {
        var header = JsonSerializer.Deserialize(Open("version.json"), BuiltinJson.Default.BuiltinHeader)!;
        var offerLines = Lines("offers.jsonl").Select(line => Parse(line, BuiltinJson.Default.BuiltinOffer))
            .ToImmutableArray();
        var modelLines = Lines("models.jsonl").Select(line => Parse(line, BuiltinJson.Default.BuiltinModel))
            .ToImmutableArray();
        var offers = offerLines.Select(line => line.ToOffer()).ToLookup(offer => offer.Model);
        var evidence = Lines("evidence.jsonl").Select(line => Parse(line, BuiltinJson.Default.BuiltinEvidence))
            .ToLookup(row => ModelId.Parse(row.Model), row => row.ToEvidence());
        var models = modelLines.Select(line => line.ToModel())
            .Select(model => model with { Offers = [.. offers[model.Id]], Evidence = [.. evidence[model.Id]] })
            .ToImmutableArray();

        var (offerCount, evidenceCount) = (models.Sum(m => m.Offers.Length), models.Sum(m => m.Evidence.Length));
        if ((models.Length, offerCount, evidenceCount) != (header.Models, header.Offers, header.Evidence))
        {
            throw new InvalidDataException($"The built-in catalog holds {models.Length} models, {offerCount} offers, " +
                $"{evidenceCount} scores; its header says {header.Models}, {header.Offers}, {header.Evidence}.");
        }

        return new BuiltinCatalog
        {
            Version = header.BuiltinVersion,
            AsOf = CatalogDate.Parse(header.AsOf),
            Models = models,
            ModelLines = modelLines,
            OfferLines = offerLines,
        };
    }

    private static T Parse<T>(string line, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(line, type)
        ?? throw new InvalidDataException("A line of the built-in catalog is null.");

    private static IEnumerable<string> Lines(string file)
    {
        using var reader = new StreamReader(Open(file));
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    /// <summary>Opens an embedded file of the folder <c>Builtin</c>.</summary>
    internal static Stream Open(string file) =>
        typeof(BuiltinCatalog).Assembly.GetManifestResourceStream($"Mercato.Catalog.Builtin.{file}")
        ?? throw new InvalidDataException($"The built-in file {file} is missing from the assembly.");
}
