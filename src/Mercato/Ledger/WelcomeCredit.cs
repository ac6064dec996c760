using Mercato.Accounts;
using Mercato.Data;
using Microsoft.Extensions.Options;

namespace Mercato.Ledger;

/// <summary>
/// The promotional credit of a new account, booked in the transaction that makes it: nobody else can know the wallet
/// yet, so no lock is needed and the writer is not involved.
/// </summary>
internal sealed class WelcomeCredit(IOptions<LedgerOptions> options, TimeProvider time)
{
    public Task BookAsync(MercatoContext context, Guid accountId, CancellationToken cancellationToken)
    {
        if (!Money.TryParse(options.Value.WelcomeCredit, out var credit) || credit <= Money.Zero)
        {
            return Task.CompletedTask;
        }

        context.Add(new Wallet
        {
            AccountId = accountId,
            PostedNano = credit.Nano,
            PromotionalNano = credit.Nano,
            EntryCount = 1,
        });
        context.Add(new Entry
        {
            AccountId = accountId,
            Number = 1,
            Kind = EntryKind.Credit,
            AmountNano = credit.Nano,
            BalanceNano = credit.Nano,
            PromotionalNano = credit.Nano,
            Source = "sign-up",
            EventId = accountId.ToString("N"),
            Reason = "Welcome credit",
            CreatedAt = time.GetUtcNow(),
        });
        return context.SaveChangesAsync(cancellationToken);
    }
}
