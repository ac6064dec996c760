using System.Globalization;
using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>One term of the script language: a row in one of the tables that <see cref="Language"/> joins.</summary>
/// <param name="Name">The word in the script.</param>
/// <param name="Takes">What follows: nothing, <c>=n</c> (a number or a range a..b), or <c>=</c> and a word.</param>
/// <param name="Meaning">One line for the README and <c>--help</c>.</param>
internal sealed record Term(string Name, string Takes, string Meaning)
{
    /// <summary>Faults obey <c>times</c>; amounts and timing hold for every call.</summary>
    public bool IsFault => Change is not null || Claim is not null || IsFaultOfWording;

    /// <summary>A fault which the format itself looks up.</summary>
    public bool IsFaultOfWording { get; init; }

    /// <summary>How it alters a healthy answer.</summary>
    public Func<Answer, Setting, Answer>? Change { get; init; }

    /// <summary>How it alters the moments at which a healthy answer is sent.</summary>
    public Func<Answer, Setting, Answer>? Pace { get; init; }

    /// <summary>How it alters the usage member.</summary>
    public Func<JsonObject, Setting, JsonNode?>? Claim { get; init; }

    /// <summary>The only values allowed; null allows any.</summary>
    public IReadOnlyCollection<string>? Choices { get; init; }

    public bool Fits(string value) => Takes switch
    {
        "" => value.Length == 0,
        "=n" => value.Split("..", 2) is var ends
            && ends.All(end => int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            && (ends.Length == 1 || int.Parse(ends[0]) <= int.Parse(ends[1])),
        _ => value.Length > 0 && Choices?.Contains(value) is not false,
    };
}

/// <summary>A term as one script sets it.</summary>
internal sealed record Setting(string Name, string Text, Turn Turn)
{
    /// <summary>The number after the term, drawn when it is a range.</summary>
    public int Number => Turn.Amount(Name, Text);
}
