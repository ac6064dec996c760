using System.Text.Json;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>What a member's value must be, in words and as a test.</summary>
internal sealed record Shape(string Name, Func<JsonElement, bool> Fits)
{
    public static readonly Shape Any = new("anything", _ => true);
    public static readonly Shape Text = new("a string", value => value.ValueKind == Kind.String);
    public static readonly Shape Flag = new("a boolean", value => value.ValueKind is Kind.True or Kind.False);
    public static readonly Shape List = new("an array", value => value.ValueKind == Kind.Array);
    public static readonly Shape Map = new("an object", value => value.ValueKind == Kind.Object);
    public static readonly Shape TextOrList = Either(Text, List);
    public static readonly Shape TextOrMap = Either(Text, Map);
    public static readonly Shape Filled = new("a non-empty array", value => List.Fits(value) && value.GetArrayLength() > 0);
    public static readonly Shape Whole = new("an integer", value => IsNumber(value) && value.TryGetInt64(out _));

    public static readonly Shape Texts =
        new("an array of strings", value => List.Fits(value) && value.EnumerateArray().All(Text.Fits));

    public static Shape Either(Shape one, Shape other) =>
        new($"{one.Name} or {other.Name}", value => one.Fits(value) || other.Fits(value));

    public static Shape Between(long low, long high) =>
        new($"an integer from {low} to {high}", value =>
            IsNumber(value) && value.TryGetInt64(out var n) && n >= low && n <= high);

    public static Shape Decimal(decimal low, decimal high) =>
        new($"a number from {low} to {high}", value =>
            IsNumber(value) && value.TryGetDecimal(out var n) && n >= low && n <= high);

    public static Shape OneOf(params string[] words) =>
        new($"one of {string.Join(", ", words)}", value => Text.Fits(value) && words.Contains(value.GetString()));

    private static bool IsNumber(JsonElement value) => value.ValueKind == Kind.Number;
}

/// <summary>The members that an object may have, and their shapes. Anything else in it is a complaint.</summary>
internal sealed class Members : Dictionary<string, Shape>
{
    /// <summary>Members without which the object is refused.</summary>
    public string[] Required { get; init; } = [];

    /// <param name="value">The object, or what came in its place.</param>
    /// <param name="path">Where it stands, with a dot at its end; empty for the root.</param>
    /// <param name="wording">How the dialect says it.</param>
    public Complaint? FindComplaint(JsonElement value, string path, Wordings wording)
    {
        if (value.ValueKind != Kind.Object)
        {
            return wording.WrongType(path.TrimEnd('.'), Shape.Map.Name);
        }

        foreach (var member in value.EnumerateObject())
        {
            if (!TryGetValue(member.Name, out var shape))
            {
                return wording.Unknown(path + member.Name);
            }

            if (member.Value.ValueKind != Kind.Null && !shape.Fits(member.Value))
            {
                return wording.WrongType(path + member.Name, shape.Name);
            }
        }

        return Required.FirstOrDefault(name => value.Find(name) is null) is { } missing
            ? wording.Missing(path + missing)
            : null;
    }
}

/// <summary>A provider's way of saying what is wrong with a member.</summary>
internal sealed record Wordings(
    Func<string, Complaint> Unknown, Func<string, string, Complaint> WrongType, Func<string, Complaint> Missing);
