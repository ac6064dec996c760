using System.Globalization;
using Mercato.Catalog;
using Mercato.Ledger;

namespace Mercato.Ui;

/// <summary>Figures as people read them. Exact where money was moved, short where figures are compared.</summary>
internal static class Show
{
    private const string None = "–";

    private static readonly string[] Deciding =
        ["tool_calling", "vision", "reasoning", "structured_output", "pdf", "audio"];

    /// <summary>A moved amount, all its digits, at least cents: "$0.0012", "-$3.00".</summary>
    public static string Money(Money amount)
    {
        var text = (amount.Nano < 0 ? -amount : amount).ToString();
        var decimals = text.IndexOf('.') is >= 0 and var dot ? text.Length - dot - 1 : 0;
        var padded = decimals switch { 0 => text + ".00", 1 => text + "0", _ => text };
        return (amount.Nano < 0 ? "-$" : "$") + padded;
    }

    /// <summary>A balance at a glance: cents, rounded down so that it never shows more than there is.</summary>
    public static string Dollars(Money amount)
    {
        var cents = Math.Floor(amount.Nano / 10_000_000m);
        return (cents < 0 ? "-$" : "$") + (Math.Abs(cents) / 100m).ToString("N2", CultureInfo.InvariantCulture);
    }

    /// <summary>A list price in dollars: "$0.15", "$2.50", "$0.0375", "free"; a dash when unknown.</summary>
    public static string Price(decimal? usd) => usd switch
    {
        null => None,
        0 => "free",
        { } value => "$" + value.ToString("#,##0.00########", CultureInfo.InvariantCulture),
    };

    /// <summary>A count of tokens: "128K", "1M", "1.05M".</summary>
    public static string Tokens(long? count) => count switch
    {
        null => None,
        >= 1_000_000 => (count.Value / 1_000_000m).ToString("0.##", CultureInfo.InvariantCulture) + "M",
        >= 1_000 => (count.Value / 1_000m).ToString("0.#", CultureInfo.InvariantCulture) + "K",
        _ => count.Value.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>"1,234,567".</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"2026-08-21 14:03 UTC".</summary>
    public static string Moment(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    public static string Day(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>"tool_calling" as "tool calling".</summary>
    public static string Words(string name) => name.Replace('_', ' ').Replace('-', ' ');

    /// <summary>A model's capabilities, those that most often decide a choice first.</summary>
    public static IEnumerable<string> Capabilities(Model model) =>
        model.Capabilities.OrderBy(name =>
            Array.IndexOf(Deciding, name) is >= 0 and var place ? place : Deciding.Length);

    public static string Capability(string name) => name switch
    {
        "tool_calling" => "tools",
        "structured_output" => "JSON output",
        "prompt_caching" => "caching",
        "pdf" => "PDF",
        _ => Words(name),
    };

    public static (string Text, string Tone) Availability(Availability availability) => availability switch
    {
        Catalog.Availability.Ready => ("ready", "good"),
        Catalog.Availability.NeedsKey => ("needs a key", ""),
        Catalog.Availability.LocalMissing => ("not installed", ""),
        Catalog.Availability.Unpriced => ("no sure price", "warn"),
        _ => ("not offered", "bad"),
    };
}
