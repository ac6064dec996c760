namespace Mercato.Accounts;

/// <summary>The periods of spending limits, in UTC: one rule for what is enforced and for what is shown.</summary>
public static class LimitPeriod
{
    /// <summary>When the running period began; a limit that never resets began with the epoch.</summary>
    public static DateTimeOffset StartOf(LimitReset? reset, DateTimeOffset now)
    {
        var day = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        return reset switch
        {
            LimitReset.Daily => day,
            // Weeks begin on Monday.
            LimitReset.Weekly => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
            LimitReset.Monthly => day.AddDays(1 - day.Day),
            _ => DateTimeOffset.UnixEpoch,
        };
    }
}
