using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Mercato.Data;

/// <summary>
/// Instants are stored as Unix microseconds in both databases: SQLite cannot order by a DateTimeOffset, and one
/// integer form keeps plain SQL the same for both.
/// </summary>
public static class Instant
{
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMillisecond / 1000;

    public static long ToMicros(DateTimeOffset instant) =>
        (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TicksPerMicrosecond;

    public static DateTimeOffset FromMicros(long micros) =>
        DateTimeOffset.UnixEpoch.AddTicks(micros * TicksPerMicrosecond);
}

internal sealed class InstantConverter()
    : ValueConverter<DateTimeOffset, long>(value => Instant.ToMicros(value), value => Instant.FromMicros(value));

/// <summary>SQLite keeps ids as lower-case text, as every other tool prints them.</summary>
internal sealed class LowerCaseGuidConverter()
    : ValueConverter<Guid, string>(value => value.ToString("D"), value => Guid.Parse(value));
