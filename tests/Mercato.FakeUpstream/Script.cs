using System.Globalization;

namespace Mercato.Fake;

/// <summary>
/// A model name, read: a mode, then after the first <c>;</c> or <c>:</c> terms separated by <c>;</c>, each a bare name
/// or <c>name=value</c>. A number may be a range <c>a..b</c>, drawn anew for each call.
/// </summary>
internal sealed record Script(Mode Mode, IReadOnlyDictionary<string, string> Terms)
{
    private static readonly char[] Starts = [';', ':'];

    /// <summary>Null when the mode or one of the terms is not in the tables, or a number is not one.</summary>
    public static Script? Parse(string model)
    {
        var start = model.IndexOfAny(Starts);
        var name = start < 0 ? model : model[..start];
        if (Mode.All.FirstOrDefault(mode => mode.Name == name) is not { } mode)
        {
            return null;
        }

        var terms = new Dictionary<string, string>(mode.Defaults);
        var given = start < 0 ? "" : model[(start + 1)..];
        foreach (var part in given.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = part.Split('=', 2);
            var value = pair.Length == 2 ? pair[1] : "";
            if (!Language.ByName.TryGetValue(pair[0], out var term) || !term.Fits(value))
            {
                return null;
            }

            terms[pair[0]] = value;
        }

        return new Script(mode, terms);
    }

    public bool Has(string term) => Terms.ContainsKey(term);

    public int Amount(string term, int otherwise) => Terms.TryGetValue(term, out var text)
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : otherwise;
}

/// <summary>One call of a script: which call it is decides what the dice show, so a run can be repeated.</summary>
internal sealed record Turn(
    long Number, int Times, Script Script, Dialect Dialect, Asked Request, Seals Seals, TimeProvider Time)
{
    /// <summary>Whether the script says so here: with <c>times=n</c> faults stop after the model's n-th call.</summary>
    public bool Has(string term) =>
        Script.Has(term) && (!Language.ByName[term].IsFault || !Script.Has("times") || Times <= Amount("times", 0));

    /// <summary>The term's number, drawn when it is a range.</summary>
    public int Amount(string term, int otherwise) =>
        Script.Terms.TryGetValue(term, out var value) ? Amount(term, value) : otherwise;

    public int Amount(string term, string value)
    {
        if (value.IndexOf("..", StringComparison.Ordinal) is var dots && dots < 0)
        {
            return int.Parse(value, CultureInfo.InvariantCulture);
        }

        var low = int.Parse(value[..dots], CultureInfo.InvariantCulture);
        var high = int.Parse(value[(dots + 2)..], CultureInfo.InvariantCulture);
        return low + (int)(Draw(term) % (ulong)(high - low + 1L));
    }

    /// <summary>The answer's id, as the dialect writes it.</summary>
    public string Id(string name, char joint) =>
        Has("same-id") ? name : name + (Has("nul") ? "\0" : "") + joint + Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A number that only the call's number, the term and <c>seed</c> decide.</summary>
    public ulong Draw(string salt)
    {
        var seed = (ulong)Script.Amount("seed", 0);
        var mixed = ((ulong)Number * 0x9E3779B97F4A7C15) ^ (seed * 0xD1B54A32D192ED03);
        foreach (var letter in salt)
        {
            mixed = (mixed ^ letter) * 0x100000001B3;
        }

        // The finishing steps of SplitMix64 spread neighbouring call numbers over the whole range.
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
