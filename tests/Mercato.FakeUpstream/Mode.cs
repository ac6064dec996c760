namespace Mercato.Fake;

/// <summary>The first word of a script: what a healthy answer says.</summary>
/// <param name="Name">The model name without terms.</param>
/// <param name="Meaning">One line for the README and <c>--help</c>.</param>
/// <param name="Tell">The answer's words or calls.</param>
internal sealed record Mode(string Name, string Meaning, Func<Turn, Plot> Tell)
{
    public IReadOnlyDictionary<string, string> Defaults { get; init; } = new Dictionary<string, string>();

    public static readonly IReadOnlyList<Mode> All =
    [
        new("fake-ok", "words from a fixed list, one token each", Plot.OfWords),
        new("fake-echo", "repeats the last user text", Plot.OfEcho),
        new("fake-tools", "calls the first tools given; after their results, a final text", Plot.OfTools)
        {
            Defaults = new Dictionary<string, string> { ["calls"] = "1" },
        },
        new("fake-shell", "runs a command in a coding agent's shell, then says what it printed", Plot.OfShell)
        {
            Defaults = new Dictionary<string, string> { ["calls"] = "1" },
        },
        new("fake-json", "an example of the response_format's schema", Plot.OfJson),
        new("fake-reasoning", "reasoning_content before the words", Plot.OfWords)
        {
            Defaults = new Dictionary<string, string> { ["reasoning"] = "40" },
        },
        new("fake-cached", "half of the input was read from the cache", Plot.OfWords)
        {
            Defaults = new Dictionary<string, string> { ["cached"] = "10" },
        },
    ];
}
