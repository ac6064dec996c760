using System.ComponentModel.DataAnnotations;

namespace Mercato.Ledger;

/// <summary>Section `Mercato:Ledger`.</summary>
public sealed class LedgerOptions
{
    /// <summary>Dollars given to each new account, as promotional credit. 0 gives nothing.</summary>
    [RegularExpression(@"^\d{1,7}(\.\d{1,9})?$", ErrorMessage = "Mercato:Ledger:WelcomeCredit is an amount of dollars, such as 1.50.")]
    public string WelcomeCredit { get; init; } = "0";

    /// <summary>How long a call waits for the account's own running calls when only they stand in its way.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ErrorMessage = "Mercato:Ledger:WaitForOwnHolds is between 0 and 60 seconds.")]
    public TimeSpan WaitForOwnHolds { get; init; } = TimeSpan.FromSeconds(10);
}
