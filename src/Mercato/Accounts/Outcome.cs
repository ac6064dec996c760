using System.Diagnostics.CodeAnalysis;
using Mercato.Hosting;

namespace Mercato.Accounts;

/// <summary>What an operation gave, or the expected reason why it gave nothing.</summary>
public sealed class Outcome<T> where T : class
{
    private Outcome(T? value, Refusal? refusal)
    {
        Value = value;
        Refusal = refusal;
    }

    public T? Value { get; }

    public Refusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Succeeded => Value is not null;

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(null, refusal);
}
