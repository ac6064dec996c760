using Mercato.Wire;

namespace Mercato.Fuzz;

/// <summary>One thing to throw bytes at. It throws when it finds something wrong.</summary>
/// <param name="Name">The dialect and the direction, such as <c>gemini.stream</c>.</param>
/// <param name="Run">Takes the bytes.</param>
public sealed record Target(string Name, Action<byte[]> Run)
{
    /// <summary>Every dialect and direction, and what stands beside chat.</summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        .. Callers.All.Select(caller => new Target(
            $"{WireFormats.NameOf(caller.Dialect)}.request", body => RequestTarget.Run(caller, body))),
        .. Hosts.All.Select(host => new Target(
            $"{WireFormats.NameOf(host.Dialect)}.answer", body => AnswerTarget.Run(host, body))),
        .. Hosts.All.Select(host => new Target(
            $"{WireFormats.NameOf(host.Dialect)}.stream", body => StreamTarget.Run(host, body))),
        new("embeddings.request", EmbeddingTargets.Request),
        new("embeddings.answer", EmbeddingTargets.Answer),
        new("images.request", ImageTargets.Request),
        new("images.answer", ImageTargets.Answer),
        new("errors.answer", ErrorTarget.Run),
    ];

    /// <summary>The target of that name.</summary>
    public static Target Get(string name) => All.Single(target => target.Name == name);

    /// <summary>The hand-written examples to begin with, in the order of their names.</summary>
    public IReadOnlyList<byte[]> Seeds()
    {
        var (format, direction) = (Name.Split('.')[0], Name.Split('.')[1]);
        var folder = Path.Combine(AppContext.BaseDirectory, "seeds", format);
        return [.. Directory.GetFiles(folder, direction + "*").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
    }
}

/// <summary>The dialects that hosts speak.</summary>
public static class Hosts
{
    /// <summary>The minter of the seals in what hosts say.</summary>
    public const string Id = "host";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<IUpstreamDialect> All { get; } =
        [.. WireFormats.Names.Select(name => WireFormats.Upstream(WireFormats.Find(name)!.Value))];
}

/// <summary>The dialects that callers speak.</summary>
public static class Callers
{
    /// <summary>What frames of our own begin with.</summary>
    public static AnswerHead Head { get; } = new("gen-1", "acme/large", 1_800_000_000);

    /// <summary>A bill.</summary>
    public static AnswerCost Cost { get; } = new("0.5", false, null, "{\"line_items\":[]}"u8.ToArray());

    /// <summary>What is billed when the host told nothing.</summary>
    public static Usage Counted { get; } = new() { InputUncached = 1, OutputText = 1 };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<IClientDialect> All { get; } = [.. Hosts.All.OfType<IClientDialect>()];
}
